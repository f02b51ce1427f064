import { Command, Option } from 'commander';
import type { TimeRange } from '../../ledger/read/query.ts';
import type { LedgerReader } from '../../ledger/read/reader.ts';
import {
  DEFAULT_GROUPING,
  GROUPINGS,
  type Group,
  type Grouping,
  groupsByName,
  groupsByTime,
} from '../../ledger/read/statistics.ts';
import type { LedgerRecord } from '../../ledger/record.ts';
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
import { writeGroups } from '../output/group-writer.ts';
import { createProgress, type Progress } from '../output/progress.ts';
import type { FormatOptions } from '../output/records.ts';

/** Names with a line of their own. */
const DEFAULT_TOP = 20;

/** Records between two steps of the progress bar. */
const STEP = 100;

interface StatsOptions extends ConnectionOptions, FilterOptions, RangeOptions, FormatOptions {
  readonly by: Grouping;
  readonly top: number;
}

const EXAMPLES = `
Examples:
  upload-ledger stats
  upload-ledger stats --by hour --since 2026-11-21
  upload-ledger stats --by uploader --since 90d --category video
  upload-ledger stats --by bucket --json | jq -s 'map(.bytes) | add'

Hours and days are UTC, and each is printed as soon as it is counted. Bars are
relative to the longest so far; after a ▲ the bars above have a smaller scale.
Names are printed when all are counted. Of more than 10,000 names, the first
10,000 are counted one by one, the rest together. Bytes are those of uploads.
DELETES are deleted objects. VERSIONS are versions and delete markers that were
deleted permanently: this changes the object only if it was the current version.
`;

/** `upload-ledger stats`: counts and bytes, by time or by name. */
export function statsCommand(context: CliContext): Command {
  const command = new Command('stats').description('Count uploads and their bytes.');
  command
    .optionsGroup('What to count by:')
    .addOption(
      new Option('--by <grouping>', 'hours and days: newest first; names: most uploads first')
        .choices(GROUPINGS)
        .default(DEFAULT_GROUPING),
    )
    .option('--top <count>', 'maximum number of names', parseCount, DEFAULT_TOP);
  addFilterOptions(command);
  addRangeOptions(command, context, '30d before --until; 1d by hour');
  command
    .optionsGroup('How:')
    .addOption(new Option('--json', 'one JSON object per line, for programs').conflicts('csv'))
    .option('--csv', 'for spreadsheets');
  return addConnectionOptions(command)
    .addHelpText('after', EXAMPLES)
    .action((options: StatsOptions) => stats(options, context));
}

async function stats(options: StatsOptions, context: CliContext): Promise<void> {
  const now = context.clock.now();
  const range = toRange(options, now, (options.by === 'hour' ? 1 : 30) * DAY_MS);
  await withReader(context, options, async (reader) => {
    const progress = await createProgress(context, 'records');
    try {
      const records = withProgress(recordsFor(options, range, reader, context), range, progress, context);
      const groups = groupsOf(records, options, {
        ...range,
        until: new Date(Math.min(options.until?.getTime() ?? now, now)),
      });
      await writeGroups(context.stdout, groups, options.by, options, progress.suspend);
    } finally {
      progress.stop();
    }
  });
}

function recordsFor(options: StatsOptions, range: TimeRange, reader: LedgerReader, { signal }: CliContext) {
  const { uploader, ...filters } = toFilters(options);
  if (uploader !== undefined) return reader.byUploader(uploader, { ...range, filters, signal });
  return reader.newest({ ...range, filters, signal });
}

async function* groupsOf(
  records: AsyncIterable<LedgerRecord>,
  { by, top }: StatsOptions,
  range: TimeRange,
): AsyncGenerator<Group> {
  if (by === 'hour' || by === 'day') yield* groupsByTime(records, by, range);
  else yield* await groupsByName(records, by, top);
}

/** The records, while the progress bar shows how far back in time they are. */
async function* withProgress(
  records: AsyncIterable<LedgerRecord>,
  { since, until }: TimeRange,
  progress: Progress,
  { signal }: CliContext,
): AsyncGenerator<LedgerRecord> {
  let count = 0;
  for await (const record of records) {
    signal.throwIfAborted();
    yield record;
    count += 1;
    const part = (until.getTime() - Date.parse(record.timestamp)) / (until.getTime() - since.getTime());
    if (count % STEP === 0) progress.update(part, count);
  }
  progress.stop();
  signal.throwIfAborted();
}
