import { Command, Option } from 'commander';
import { CANARY_WAIT_MS } from '../../dead-letters/canary.ts';
import { DEAD_LETTER_REASONS, type DeadLetterReason } from '../../dead-letters/dead-letter.ts';
import type { RedriveReport } from '../../dead-letters/redrive.ts';
import { jsonLine } from '../../shared/data-formats.ts';
import { formatCount, formatDuration, formatNumberOf } from '../../shared/format.ts';
import { visibleText } from '../../shared/text.ts';
import { SECOND_MS } from '../../shared/time.ts';
import { parseCount } from '../arguments/numbers.ts';
import { addConnectionOptions, addQueueOption, type QueueOptions } from '../arguments/options.ts';
import { parseDuration } from '../arguments/time.ts';
import type { ConnectionOptions } from '../connection.ts';
import type { CliContext } from '../context.ts';
import { UsageError } from '../errors.ts';
import { redeliverEvents } from '../failed-deliveries.ts';
import { type OpenQueues, withQueues } from '../ledger-session.ts';
import { moveEverything } from '../move-task.ts';
import { runWithReport } from '../output/progress.ts';
import { type Detail, detailUnlessZero, writeDetails } from '../output/table.ts';

interface RedriveOptions extends ConnectionOptions, QueueOptions {
  readonly webhook?: string;
  readonly reason?: DeadLetterReason;
  readonly all?: boolean;
  readonly dryRun?: boolean;
  readonly rate?: number;
  readonly limit?: number;
  /** Milliseconds. */
  readonly canaryWait?: number;
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  upload-ledger dlq redrive --dry-run
  upload-ledger dlq redrive --reason retries-used-up
  upload-ledger dlq redrive --limit 100 --rate 20
  upload-ledger dlq redrive --all
  upload-ledger dlq redrive --queue deliveries --webhook orders

The command moves only the messages that this version can read; --all moves the
rest too. Ten go first; the others follow when the records of the ten are in the
ledger. Of every thousand, ten are checked in this way.
A message is sent, then deleted. You can stop or kill the command at any point:
nothing is lost, and a message that was moved twice is recorded once. Run it
again to continue.
On AWS, --all without --reason and --limit lets SQS move the messages (a message
move task): none is read, and no ten go first. It does not delete what backfill
or reconcile wrote for the same uploads; a repair by "reconcile" does.
With --queue deliveries, each event is put on the bus again, only for the
webhook that missed it, and without trying ten first. EventBridge then tries for
a day. Events that the webhook's rule would not accept stay in the queue.
Exit code 1: messages came back, were not recorded, were refused or stayed.
Nothing is lost: fix the cause, and run the command again.
`;

/** `upload-ledger dlq redrive`: moves dead letters back to the uploads queue. */
export function dlqRedriveCommand(context: CliContext): Command {
  const command = addQueueOption(
    new Command('redrive').description('Move back the dead letters that would now succeed.'),
  );
  command
    .optionsGroup('Which messages:')
    .addOption(new Option('--reason <reason>', 'those of one reason').choices(DEAD_LETTER_REASONS))
    .option('--webhook <name>', 'deliveries to one webhook')
    .option('--all', 'also those that would fail again')
    .option('--limit <count>', 'maximum number', parseCount);
  command
    .optionsGroup('How:')
    .option('--dry-run', 'only show what would be moved')
    .option('--rate <count>', 'maximum number a second', parseCount)
    .addOption(
      new Option(
        '--canary-wait <duration>',
        `how long to wait for the records of the first ten (default: ${CANARY_WAIT_MS / SECOND_MS}s)`,
      ).argParser(parseDuration),
    )
    .option('--json', 'the report as one JSON object');
  return addConnectionOptions(command)
    .addHelpText('after', EXAMPLES)
    .action((options: RedriveOptions) =>
      withQueues(context, options, (queues) => redriveOrMove(options, queues, context)),
    );
}

async function redriveOrMove(options: RedriveOptions, queues: OpenQueues, context: CliContext): Promise<void> {
  refuseMixture(options);
  const { all, reason, limit, dryRun } = options;
  const isEverything = all && reason === undefined && limit === undefined && !dryRun;
  if (options.queue === 'deliveries') await redeliverEvents(options, queues, context);
  else if (isEverything && !queues.ledger.isLocal) await moveEverything(options, queues, context);
  else await redriveMessages(options, queues, context);
  context.signal.throwIfAborted();
}

/** @throws UsageError for options of the other queue: nothing that is given is ignored. */
function refuseMixture({ queue, webhook, reason, all, canaryWait }: RedriveOptions): void {
  if (queue === 'uploads' && webhook !== undefined)
    throw new UsageError('--webhook chooses among failed deliveries: add --queue deliveries');
  if (queue === 'deliveries' && (reason !== undefined || all === true || canaryWait !== undefined))
    throw new UsageError(
      '--reason, --all and --canary-wait are for the uploads queue: --queue deliveries sends all failed deliveries again, or those of one --webhook',
    );
}

async function redriveMessages(options: RedriveOptions, queues: OpenQueues, context: CliContext): Promise<void> {
  const [{ redrive }, { queueState }] = await Promise.all([
    import('../../dead-letters/redrive.ts'),
    import('../../dead-letters/queues.ts'),
  ]);
  const { reason, rate, limit, all = false, dryRun = false, canaryWait = CANARY_WAIT_MS } = options;
  const run = (onProgress: (report: RedriveReport) => void) =>
    redrive({
      ...queues,
      all,
      dryRun,
      ...(reason !== undefined && { reason }),
      ...(rate !== undefined && { rate }),
      ...(limit !== undefined && { limit }),
      canaryMilliseconds: canaryWait,
      signal: context.signal,
      onProgress,
    });
  const { visible } = await queueState(queues.deadLetters);
  await runWithReport(visible, run, (report) => writeReport(report, options, context), context);
}

async function writeReport(
  report: RedriveReport,
  { dryRun = false, all = false, json, canaryWait = CANARY_WAIT_MS }: RedriveOptions,
  context: CliContext,
): Promise<void> {
  const { stdout, stderr } = context;
  if (json) await stdout.line(jsonLine(redriveJson(report, dryRun)));
  else await writeDetails(stdout, redriveDetails(report, dryRun, all));
  const advice = redriveAdvice(report, formatDuration(canaryWait));
  if (advice !== undefined) await stderr.line(advice);
  if (report.notSent > 0 || ['canary', 'came-back', 'full'].includes(report.end)) context.exitCode = 1;
}

/** What a redrive did, or a dry run would do, for people. */
function redriveDetails(report: RedriveReport, isDryRun: boolean, all: boolean): Detail[] {
  const { looked, otherReason, chosen, moved, notDeleted, notSent, cameBack, canary, superseded, notSuperseded } =
    report;
  const failing = [...report.wouldFail].map(([reason, count]) => `${reason} ${formatCount(count)}`).join(', ');
  return [
    ['looked at', formatNumberOf(looked, 'message')],
    ...detailUnlessZero('other reason', otherReason, ', left alone'),
    ...(failing === '' ? [] : ([['would fail', `${failing}${all ? '' : ' (left alone)'}`]] as const)),
    isDryRun ? ['would move', formatCount(chosen)] : ['moved', formatCount(moved)],
    ...detailUnlessZero(
      'refused',
      notSent,
      ` by the uploads queue, left alone: ${visibleText(report.firstRefusal ?? '')}`,
    ),
    ...detailUnlessZero('not deleted', notDeleted, ', in both queues now: moving them again does no harm'),
    ...detailUnlessZero('came back', cameBack, ' to the dead-letter queue'),
    ...detailUnlessZero('superseded', superseded, ' of backfill or reconcile, deleted'),
    ...detailUnlessZero('to supersede', notSuperseded, ' of backfill or reconcile, when the messages are recorded'),
    ...(canary === undefined ? [] : ([['watched', canaryText(canary)]] as const)),
  ];
}

function canaryText({ moved, recorded, cameBack, unrecorded }: NonNullable<RedriveReport['canary']>): string {
  const quiet = moved - recorded - cameBack - unrecorded;
  const parts = [
    [recorded, 'recorded'],
    [cameBack, 'came back'],
    [unrecorded, 'not recorded in time'],
    [quiet, 'did not come back'],
  ] as const;
  const shown = parts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  return `${moved}: ${shown.join(', ')}`;
}

/** Why the redrive ended before the queue was empty, and what to do. Undefined: it did not. */
function redriveAdvice({ end, canary }: RedriveReport, waited: string): string | undefined {
  switch (end) {
    case 'empty':
    case 'limit':
      return undefined;
    case 'canary':
      return canary !== undefined && canary.cameBack > 0
        ? 'Stopped: messages came back. "dlq list" says why; nothing more was moved.'
        : `Stopped: records did not appear within ${waited}. Is the function running ("doctor")? Longer batching windows need a longer --canary-wait.`;
    case 'came-back':
      return 'Stopped: messages came back. "dlq list" says why; nothing more was moved.';
    case 'full':
      return 'Stopped: more messages stay behind than one run can read. Name a --reason, or export and purge those.';
    case 'stopped':
      return 'Stopped between two moves; nothing is lost. Run it again to go on.';
  }
}

/** For programs. */
function redriveJson(report: RedriveReport, isDryRun: boolean) {
  const { looked, otherReason, wouldFail, chosen, moved, notDeleted, notSent, cameBack, canary, end } = report;
  const { superseded, notSuperseded } = report;
  return {
    dry_run: isDryRun,
    looked,
    other_reason: otherReason,
    would_fail: Object.fromEntries(wouldFail),
    would_move: chosen,
    moved,
    not_sent: notSent,
    not_deleted: notDeleted,
    came_back: cameBack,
    superseded,
    not_superseded: notSuperseded,
    ...(canary && { watched: { ...canary } }),
    end,
  };
}
