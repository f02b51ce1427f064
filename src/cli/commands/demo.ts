import type { SingleBar } from 'cli-progress';
import { Command } from 'commander';
import { RETRY_METRICS, UPLOAD_METRICS } from '../../contract/metrics.ts';
import { CLOSE_WITHIN_MS, OpenResources } from '../../local/open-resources.ts';
import { formatCount, formatNumberOf } from '../../shared/format.ts';
import { visibleText } from '../../shared/text.ts';
import { parseWholeNumber } from '../arguments/numbers.ts';
import { localAssembly } from '../assembly.ts';
import { needCheckout } from '../checkout.ts';
import { type CliContext, rejectOnAbort } from '../context.ts';
import { MIN_UPLOADS, planDemo } from '../demo/plan.ts';
import { type DemoSummary, findProblems } from '../demo/proof.ts';
import type { SentEmails } from '../demo/sent-emails.ts';

const MAX_UPLOADS = 1_000_000;
const DEFAULT_UPLOADS = 200;

const EXAMPLES = `
Examples:
  npm run demo
  npm run demo -- --uploads 5000 --seed 7
  npm run demo -- --json | tail -1 | jq .recorded

Exits with 0 only if no record is missing and there is no extra record.
`;

/** `upload-ledger demo`: a burst against a local stack of its own, and the proof of what became of it. */
export function demoCommand(context: CliContext): Command {
  return new Command('demo')
    .description('Upload a burst of files to a separate local stack, and prove that each has its record.')
    .option(
      '--uploads <count>',
      `files to upload, ${MIN_UPLOADS} or more`,
      parseWholeNumber(MIN_UPLOADS, MAX_UPLOADS),
      DEFAULT_UPLOADS,
    )
    .option(
      '--seed <number>',
      'number that determines the files, their order and the duplicates',
      parseWholeNumber(0, 2 ** 32 - 1),
      1,
    )
    .option('--json', 'one JSON object on the last line, for programs')
    .addHelpText('after', EXAMPLES)
    .action(async (options: DemoOptions) => {
      needCheckout('demo');
      await showDemo(options, context);
    });
}

/** How notifications arrive: out of order, and one in twenty of them twice. */
const NOTIFICATION_FAULTS = { shuffle: 20, duplicate: 0.05 } as const;

interface DemoOptions {
  readonly uploads: number;
  readonly seed: number;
  readonly json?: boolean;
}

/** Runs the demo against a local stack of its own and prints what it proved; exit code 1 when it did not. */
async function showDemo(options: DemoOptions, context: CliContext): Promise<void> {
  const opened = new OpenResources({ closeWithinMs: CLOSE_WITHIN_MS.all });
  await opened.closeOnError(() => proveUploads(options, context, opened));
  await opened.close();
}

async function proveUploads(
  { uploads, seed, json }: DemoOptions,
  context: CliContext,
  opened: OpenResources,
): Promise<void> {
  const { stderr, stdout, signal } = context;
  // The emulators take a second to load.
  const [{ startLocalStack }, { runDemo }] = await Promise.all([
    import('../../local/stack.ts'),
    import('../demo/run-demo.ts'),
  ]);
  const assemblyDirectory = await localAssembly(context);
  const start = () =>
    startLocalStack({
      assemblyDirectory,
      closeWithinMs: CLOSE_WITHIN_MS.stack,
      notificationFaults: { seed, ...NOTIFICATION_FAULTS },
      onError: (error) => void stderr.line(`The local stack: ${visibleText(error.message)}`),
    });
  const stack = await opened.open('the stack', start, (open) => open.close());
  const plan = planDemo(uploads, seed);
  const bar = await opened.open(
    'the progress bar',
    () => startBar(context, plan.burst.length + plan.afterwards.length),
    (open) => open?.stop(),
  );
  const progress = { onStep: () => bar?.increment(), onUploaded: () => bar?.stop() };
  const { summary, emails } = await Promise.race([runDemo(stack, plan, progress), rejectOnAbort(signal)]);
  const problems = findProblems(summary);
  if (!json) for (const line of emailLines(emails)) await stdout.line(line);
  for (const line of json ? [JSON.stringify(summary)] : summaryLines(summary)) await stdout.line(line);
  for (const problem of problems) await stderr.line(`Failed: ${problem}.`);
  if (problems.length > 0) context.exitCode = 1;
  else if (!json) await stdout.line('\nEvery upload has its record, and there is no extra record.');
}

/** The first alert and the first digest, as mail programs without HTML show them. */
function emailLines({ alerts, digests }: SentEmails): string[] {
  const quoted = (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => `  | ${line}`.trimEnd());
  return [
    ...alerts.slice(0, 1).flatMap((text) => ['The alert, as email:', '', ...quoted(text), '']),
    ...digests.slice(0, 1).flatMap((text) => ['The digest, as email:', '', ...quoted(text), '']),
  ];
}

/** A progress bar on stderr; none where that is no terminal. */
async function startBar({ stderr }: CliContext, steps: number): Promise<SingleBar | undefined> {
  if (!stderr.isTerminal) return undefined;
  const { default: progress } = await import('cli-progress');
  const format = 'Uploading {bar} {value}/{total}, {eta_formatted} to go';
  const bar = new progress.SingleBar({ format, stream: process.stderr, hideCursor: true, gracefulExit: false });
  bar.start(steps, 0);
  return bar;
}

const UNSUMMED: readonly string[] = [UPLOAD_METRICS.recordingDelay, RETRY_METRICS.oldestRetriedMessageAge];

/** The summary as aligned lines. */
function summaryLines(summary: DemoSummary): string[] {
  const rows: [string, string][] = [
    ['Uploaded', formatCount(summary.uploaded)],
    ['Recorded', formatCount(summary.recorded)],
    ['Deletes', `${formatCount(summary.deleted)}, recorded ${formatCount(summary.deletesRecorded)}`],
    ['Missing', formatCount(summary.missing)],
    ['Unexpected', formatCount(summary.unexpected)],
    ['Sent twice, recorded once', formatCount(summary.duplicatesCollapsed)],
    ['Quarantined', formatCount(summary.quarantined)],
    ['Batches', formatCount(summary.batches)],
    ['Digests', digestsText(summary)],
    ['Alerts', `${formatCount(summary.alerts)}, for matches in ${formatNumberOf(summary.alertsExpected, 'upload')}`],
    ['Drained in', `${summary.drainSeconds.toFixed(1)} s`],
    ['Peak memory', `${Math.round(summary.peakMemoryBytes / 1_000_000)} MB`],
    ['Metrics', 'each batch is counted separately, so a duplicate in a later batch counts again'],
    // A sum of times says nothing.
    ...Object.entries(summary.metrics)
      .filter(([name]) => !UNSUMMED.includes(name))
      .map(([name, sum]): [string, string] => [`  ${name}`, formatCount(Math.round(sum))]),
  ];
  const width = Math.max(...rows.map(([title]) => title.length));
  return rows.map(([title, value]) => `${title.padEnd(width)}  ${value}`);
}

function digestsText({ digests, digestUploads, digestRepeats }: DemoSummary): string {
  const repeats = digestRepeats > 0 ? `, ${formatCount(digestRepeats)} of them twice (see docs/email.md)` : '';
  return `${formatCount(digests)}, covering ${formatNumberOf(digestUploads, 'upload')}${repeats}`;
}
