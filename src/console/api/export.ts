import { CSV_COLUMNS } from '../../ledger/read/csv-columns.ts';
import type { LedgerReader } from '../../ledger/read/reader.ts';
import type { LedgerRecord } from '../../ledger/record.ts';
import { csvHeader, csvLine, jsonLine } from '../../shared/data-formats.ts';
import { JSON_LINES_TYPE } from '../server/answer.ts';
import { oneOf } from './parameters.ts';
import { findRecords } from './records.ts';

const FORMATS = ['csv', 'json'] as const;

const CONTENT_TYPES = { csv: 'text/csv; charset=utf-8', json: JSON_LINES_TYPE } as const;

/**
 * All records of a search as a file, in the format that `list --csv` and `list --json` write.
 *
 * @throws BadRequestError when a parameter cannot be read.
 */
export function exportRecords(
  reader: Pick<LedgerReader, 'newest' | 'byUploader'>,
  query: URLSearchParams,
  now: number,
  signal: AbortSignal,
) {
  const format = oneOf(query, 'format', FORMATS) ?? 'csv';
  const records = findRecords(reader, { query, now, signal });
  const lines = format === 'csv' ? csvLines(records) : jsonLines(records);
  return {
    file: { name: format === 'csv' ? 'uploads.csv' : 'uploads.jsonl', contentType: CONTENT_TYPES[format] },
    lines,
  };
}

async function* csvLines(records: AsyncIterable<LedgerRecord>): AsyncGenerator<string> {
  yield csvHeader(CSV_COLUMNS, { isNewFile: true });
  for await (const record of records) yield csvLine(CSV_COLUMNS.map((name) => record[name]));
}

async function* jsonLines(records: AsyncIterable<LedgerRecord>): AsyncGenerator<string> {
  for await (const record of records) yield jsonLine(record);
}
