import { Command, Option } from 'commander';
import { DAY_MS } from '../../shared/time.ts';
import { parseCountOrNone } from '../arguments/numbers.ts';
import { addConnectionOptions, addFilterOptions, type FilterOptions, toFilters } from '../arguments/options.ts';
import { parseDuration } from '../arguments/time.ts';
import type { ConnectionOptions } from '../connection.ts';
import type { CliContext } from '../context.ts';
import { ArgumentError } from '../errors.ts';
import { withReader } from '../ledger-session.ts';
import { createRecordWriter } from '../output/records.ts';

/** Milliseconds between two polls of the ledger. */
const POLL_MS = 2000;

/** How far back it looks for the last records. */
const LAST_DAYS = 30;

const DEFAULT_LAST = 10;

const DEFAULT_LATE = '2m';

interface TailOptions extends ConnectionOptions, FilterOptions {
  readonly last: number;
  /** Milliseconds. */
  readonly late: number;
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  upload-ledger tail
  upload-ledger tail --uploader alice --last 0
  upload-ledger tail --json | jq -r 'select(.filesize > 1e9) | .s3_key'

Reads every ${POLL_MS / 1000} seconds, until Ctrl-C. Records that are stored later than --late
after their event (by a redrive or a backfill) do not appear; "list" has them.
If more than 20,000 records are in that time, the time is shorter.
`;

/** `upload-ledger tail`: the last records, then new ones as they arrive. */
export function tailCommand(context: CliContext): Command {
  const command = new Command('tail').description('Follow the ledger: the last records, then new ones as they arrive.');
  addFilterOptions(command);
  command
    .optionsGroup('How:')
    .option(
      '--last <count>',
      `begin with this many records of the last ${LAST_DAYS} days`,
      parseCountOrNone,
      DEFAULT_LAST,
    )
    .addOption(
      new Option('--late <duration>', 'show records that arrive up to this late')
        .argParser(parseLate)
        .default(parseLate(DEFAULT_LATE), DEFAULT_LATE),
    )
    .option('--json', 'one JSON object per line, for programs');
  return addConnectionOptions(command)
    .addHelpText('after', EXAMPLES)
    .action((options: TailOptions) => tail(options, context));
}

async function tail({ last, late, json, ...options }: TailOptions, context: CliContext): Promise<void> {
  const { stdout, signal, clock } = context;
  await withReader(context, options, async (reader, { resources }) => {
    const write = await createRecordWriter(stdout, json ? { json } : {}, resources.bucketName);
    const records = reader.follow({
      filters: toFilters(options),
      now: () => new Date(clock.now()),
      pause: () => clock.sleep(POLL_MS, signal),
      last,
      lastSince: new Date(clock.now() - LAST_DAYS * DAY_MS),
      lateMilliseconds: late,
      signal,
    });
    for await (const record of records) await write(record);
    // This command ends by being stopped, and says so by its exit code.
    signal.throwIfAborted();
  });
}

/** The ledger is followed for a day back at most. */
function parseLate(text: string): number {
  const late = parseDuration(text);
  if (late > DAY_MS) throw new ArgumentError('at most "1d"');
  return late;
}
