import { Command, Option } from 'commander';
import { DEAD_LETTER_REASONS, type DeadLetterReason } from '../../dead-letters/dead-letter.ts';
import type { RedriveReport } from '../../dead-letters/redrive.ts';
import { waitFor } from '../../shared/concurrency.ts';
import { formatDuration } from '../../shared/format.ts';
import { asArgument } from '../arguments/as-argument.ts';
import { addConnectionOptions } from '../arguments/connection-options.ts';
import { parseCount } from '../arguments/count.ts';
import { parseDuration } from '../arguments/when.ts';
import type { ConnectionOptions } from '../connection.ts';
import type { CliContext } from '../context.ts';
import { writeDetails } from '../output/detail-lines.ts';
import { jsonLine } from '../output/json-line.ts';
import { openProgress } from '../output/progress.ts';
import { moveEverything } from './move-everything.ts';
import { redriveAdvice, redriveDetails, redriveJson } from './redrive-report.ts';
import { type OpenQueues, withQueues } from './with-queues.ts';

const USUAL_WAIT = '30s';

export interface RedriveCommandOptions extends ConnectionOptions {
  readonly reason?: DeadLetterReason;
  readonly all?: boolean;
  readonly dryRun?: boolean;
  readonly rate?: number;
  readonly limit?: number;
  /** Milliseconds. */
  readonly canaryWait: number;
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  upload-ledger dlq redrive --dry-run
  upload-ledger dlq redrive --reason retries-used-up
  upload-ledger dlq redrive --limit 100 --rate 20
  upload-ledger dlq redrive --all

Each message goes through today's parser first, and only what it would take is
moved; --all moves the rest as well. Ten go first: the others follow when the
records of the ten are in the ledger. Ten of every thousand are watched so.
A message is sent, then deleted. Stopped or killed at any point, none is lost;
what was moved twice is recorded once. Run it again to go on.
On AWS, --all without --reason and --limit leaves the moving to SQS (a message
move task): no parser and no first ten.
Exit code 1: messages came back, were not recorded, or were refused.
`;

/** `upload-ledger dlq redrive`: moves dead letters back to the uploads queue. */
export function dlqRedriveCommand(context: CliContext): Command {
  const command = new Command('redrive').description('Move dead letters back, those that would now succeed.');
  command
    .optionsGroup('Which messages:')
    .addOption(new Option('--reason <reason>', 'those of one reason').choices(DEAD_LETTER_REASONS))
    .option('--all', 'also those that would fail again')
    .option('--limit <count>', 'at most so many', asArgument(parseCount));
  command
    .optionsGroup('How:')
    .option('--dry-run', 'only say what would be moved')
    .option('--rate <count>', 'at most so many a second', asArgument(parseCount))
    .addOption(
      new Option('--canary-wait <duration>', 'how long the first ten have to be recorded')
        .argParser(asArgument(parseDuration))
        .default(parseDuration(USUAL_WAIT), USUAL_WAIT),
    )
    .option('--json', 'the report as one JSON object');
  addConnectionOptions(command);
  return command
    .addHelpText('after', EXAMPLES)
    .action((options: RedriveCommandOptions) =>
      withQueues(context, options, (queues) => redriveOrMove(options, queues, context)),
    );
}

async function redriveOrMove(options: RedriveCommandOptions, queues: OpenQueues, context: CliContext): Promise<void> {
  const { all, reason, limit, dryRun } = options;
  const isEverything = all && reason === undefined && limit === undefined && !dryRun;
  if (isEverything && !queues.ledger.isLocal) await moveEverything(options, queues, context);
  else await redriveLetters(options, queues, context);
  context.signal.throwIfAborted();
}

async function redriveLetters(options: RedriveCommandOptions, queues: OpenQueues, context: CliContext): Promise<void> {
  const [{ redrive }, { storedKeys }, { queueState }] = await Promise.all([
    import('../../dead-letters/redrive.ts'),
    import('../../ledger/read/reader.ts'),
    import('../../dead-letters/queues.ts'),
  ]);
  const { ledger, deadLetters, uploads, verdict } = queues;
  const { reason, rate, limit, all = false, dryRun = false, canaryWait } = options;
  const { signal } = context;
  const table = { client: await ledger.clients.dynamodb(), tableName: ledger.resources.tableName };
  const { visible } = await queueState(deadLetters);
  const progress = await openProgress(context.stderr, 'messages');
  let last: Readonly<RedriveReport> | undefined;
  try {
    const report = await redrive({
      deadLetters,
      uploads,
      verdict,
      all,
      dryRun,
      ...(reason !== undefined && { reason }),
      ...(rate !== undefined && { rate }),
      ...(limit !== undefined && { limit }),
      canaryMilliseconds: canaryWait,
      stored: (keys) => storedKeys(table, keys),
      now: () => performance.now(),
      wait: (milliseconds) => waitFor(milliseconds, signal),
      signal,
      onProgress: (report) => {
        last = report;
        progress.at(Math.min(1, report.looked / Math.max(1, visible)), report.looked);
      },
    });
    progress.stop();
    await writeReport(report, options, context);
  } catch (error) {
    progress.stop();
    if (last !== undefined) await writeReport({ ...last, end: 'stopped' }, options, context);
    throw error;
  }
}

async function writeReport(
  report: RedriveReport,
  { dryRun = false, all = false, json, canaryWait }: RedriveCommandOptions,
  context: CliContext,
): Promise<void> {
  const { stdout, stderr } = context;
  if (json) await stdout.line(jsonLine(redriveJson(report, dryRun)));
  else await writeDetails(stdout, redriveDetails(report, dryRun, all));
  const advice = redriveAdvice(report, formatDuration(canaryWait));
  if (advice !== undefined) await stderr.line(advice);
  if (report.notSent > 0 || ['canary', 'came-back', 'full'].includes(report.end)) context.exitCode = 1;
}
