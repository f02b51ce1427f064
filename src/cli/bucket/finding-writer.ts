import type { Finding } from '../../ledger/reconcile/report.ts';
import { formatBytes } from '../../shared/format.ts';
import { visibleText } from '../../shared/text.ts';
import { jsonLine } from '../output/json-line.ts';
import type { Output } from '../output/output.ts';
import { timeText } from '../output/record-columns.ts';
import { type Column, openTable } from '../output/table.ts';

/** Writes findings as they come: rows for people, or one JSON object a line. */
export function openFindingWriter(
  output: Output,
  { json, repair }: { readonly json?: boolean; readonly repair?: boolean },
): (finding: Finding) => Promise<void> {
  if (json) return (finding) => output.line(jsonLine(toJson(finding)));
  const table = openTable(output, repair ? [...COLUMNS.slice(0, 1), REPAIRED, ...COLUMNS.slice(1)] : COLUMNS);
  return (finding) => table.row(finding);
}

const REPAIRED: Column<Finding> = {
  title: 'REPAIRED',
  width: 8,
  text: ({ isRepaired }) => (isRepaired ? 'yes' : 'no'),
};

const COLUMNS: readonly Column<Finding>[] = [
  { title: 'FINDING', width: 9, text: ({ kind }) => kind, style: () => 'red' },
  {
    title: 'TIME (UTC)',
    width: 19,
    text: ({ object, record }) => timeText(object?.lastModified ?? record?.timestamp ?? ''),
    style: () => 'dim',
  },
  { title: 'SIZE', width: 9, align: 'right', text: ({ object, record }) => sizeText(object?.size ?? record?.filesize) },
  { title: 'KEY', width: 'rest', keep: 'end', text: ({ key }) => visibleText(key) },
];

function sizeText(bytes: number | undefined): string {
  return bytes === undefined ? '-' : formatBytes(bytes);
}

function toJson({ kind, bucket, key, object, record, isRepaired }: Finding) {
  return {
    finding: kind,
    s3_bucket: bucket,
    s3_key: key,
    ...(object && {
      object: { filesize: object.size, etag: object.eTag, last_modified: object.lastModified },
    }),
    ...(record && {
      record: {
        upload_id: record.upload_id,
        status: record.status,
        timestamp: record.timestamp,
        filesize: record.filesize,
        etag: record.etag,
        source: record.source,
      },
    }),
    repaired: isRepaired,
  };
}
