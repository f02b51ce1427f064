import { Command, Option } from 'commander';
import { otherBucketHint } from '../../contract/outputs.ts';
import { findOtherSpelling, UNICODE_FORM_LABELS } from '../../ledger/read/other-spelling.ts';
import type { LedgerReader } from '../../ledger/read/reader.ts';
import type { LedgerRecord } from '../../ledger/record.ts';
import { visibleText } from '../../shared/text.ts';
import { DAY_MS } from '../../shared/time.ts';
import { parseCount } from '../arguments/numbers.ts';
import {
  addConnectionOptions,
  addFilterOptions,
  addRangeOptions,
  type FilterOptions,
  type RangeOptions,
  toFilters,
  toRange,
} from '../arguments/options.ts';
import type { ConnectionOptions } from '../connection.ts';
import type { CliContext } from '../context.ts';
import { withReader } from '../ledger-session.ts';
import { createRecordWriter, type FormatOptions, parseFields, timeText } from '../output/records.ts';

/** How far back it looks without `--since`: the index by day cannot be asked for its earliest record. */
const HORIZON_DAYS = 30;

/** Rows without `--since` and `--limit`. */
const DEFAULT_LIMIT = 50;

interface ListOptions extends ConnectionOptions, FilterOptions, RangeOptions, FormatOptions {
  readonly limit?: number;
}

const EXAMPLES = `
Examples:
  upload-ledger list
  upload-ledger list --since 2h --uploader alice
  upload-ledger list --since 2026-11-01 --until 2026-11-07 --prefix invoices/
  upload-ledger list --since 7d --status deleted --json | jq -r .s3_key
  upload-ledger list --since 30d --csv > uploads.csv
  upload-ledger list --csv --fields timestamp,uploader,s3_key

Without --since: the newest ${DEFAULT_LIMIT} of the ${HORIZON_DAYS} days before --until, or with
--uploader of all time.
Text that a spreadsheet would read as a formula begins with ' in the CSV.
`;

/** `upload-ledger list`: records, newest first. */
export function listCommand(context: CliContext): Command {
  const command = new Command('list').description('List uploads, newest first.');
  addFilterOptions(command);
  addRangeOptions(command, context, `${HORIZON_DAYS}d before --until`);
  command
    .optionsGroup('How many, and how:')
    .option(
      '--limit <count>',
      `maximum number of records (default: ${DEFAULT_LIMIT} without --since, all with it)`,
      parseCount,
    )
    .addOption(new Option('--json', 'one JSON object per line, for programs').conflicts('csv'))
    .option('--csv', 'for spreadsheets')
    .option('--fields <names>', 'only these attributes, in this order: s3_key,filesize', parseFields);
  return addConnectionOptions(command)
    .addHelpText('after', EXAMPLES)
    .action((options: ListOptions) => list(options, context));
}

async function list(options: ListOptions, context: CliContext): Promise<void> {
  // A wrong range is a usage error: report it before connecting.
  toRange(options, context.clock.now(), 1);
  await withReader(context, options, async (reader, { resources }) => {
    const limit = options.limit ?? (options.since === undefined ? DEFAULT_LIMIT : Number.POSITIVE_INFINITY);
    const write = await createRecordWriter(context.stdout, options, resources.bucketName);
    const rows = await writeUpTo(limit, recordsFor(options, reader, context), write, context);
    const note = noteOn(rows, limit, options, context.clock.now());
    if (note !== '') await context.stderr.line(note);
    if (rows > 0) return;
    const elsewhere = otherBucketHint(options.bucket, resources.bucketName);
    if (elsewhere !== undefined) await context.stderr.line(visibleText(elsewhere));
    await noteOtherSpelling(options, reader, context);
  });
}

function recordsFor(options: ListOptions, reader: LedgerReader, context: CliContext): AsyncGenerator<LedgerRecord> {
  const { uploader, ...filters } = toFilters(options);
  const { signal } = context;
  if (uploader !== undefined) {
    const { since, until } = options;
    return reader.byUploader(uploader, { filters, signal, ...(since && { since }), ...(until && { until }) });
  }
  const range = toRange(options, context.clock.now(), HORIZON_DAYS * DAY_MS);
  return reader.newest({ ...range, filters, signal });
}

async function noteOtherSpelling(options: ListOptions, reader: LedgerReader, context: CliContext): Promise<void> {
  const find = (prefix: string) => recordsFor({ ...options, prefix }, reader, context);
  const other = await findOtherSpelling(options.prefix ?? '', find);
  if (other === undefined) return;
  const [form, prefix] = [UNICODE_FORM_LABELS[other.form], visibleText(other.text)];
  await context.stderr.line(`There are records of a prefix that looks the same, in ${form}: --prefix "${prefix}"`);
}

/** Writes up to `limit` records. @returns how many there were; more than `limit` when there is at least one more. */
async function writeUpTo(
  limit: number,
  records: AsyncIterable<LedgerRecord>,
  write: (record: LedgerRecord) => Promise<void>,
  { signal }: CliContext,
): Promise<number> {
  let rows = 0;
  for await (const record of records) {
    signal.throwIfAborted();
    rows += 1;
    if (rows > limit) break;
    await write(record);
  }
  signal.throwIfAborted();
  return rows;
}

/** What the user should know about defaults: that there are more records, or how far back it looked. */
function noteOn(rows: number, limit: number, options: ListOptions, now: number): string {
  const { limit: asked, since, until, uploader } = options;
  if (rows > limit) {
    return asked === undefined
      ? `These are the newest ${limit}. For more: --limit 500. For all records of the last 7 days: --since 7d.`
      : '';
  }
  const found = rows === 0 ? 'No record found. ' : '';
  if (since !== undefined || uploader !== undefined) return found.trim();
  const from = until === undefined || until.getTime() > now ? '' : ` from ${timeText(until.toISOString())} UTC`;
  return `${found}Searched ${HORIZON_DAYS} days back${from}. To search further: --since 52w, or --since 2025-01-01.`;
}
