import type { SingleBar } from 'cli-progress';
import { Command, Option } from 'commander';
import { parseWholeNumber } from '../arguments/numbers.ts';
import { asArgument } from '../arguments/options.ts';
import { localAssembly } from '../assembly.ts';
import { needCheckout } from '../checkout.ts';
import { type CliContext, rejectOnAbort } from '../context.ts';
import { LEAST_UPLOADS, POISON, planDemo } from '../demo/plan.ts';
import { faultsOf, summaryLines } from '../demo/proof.ts';
import type { Told } from '../demo/sent-emails.ts';

const MOST_UPLOADS = 1_000_000;
const USUAL_UPLOADS = 200;

const EXAMPLES = `
Examples:
  npm run demo
  npm run demo -- --uploads 5000 --seed 7
  npm run demo -- --json | tail -1 | jq .recorded

Exits 0 only when nothing is missing and nothing is there that should not be.
`;

/** `upload-ledger demo`: a burst against a local stack of its own, and the proof of what became of it. */
export function demoCommand(context: CliContext): Command {
  return new Command('demo')
    .description('Upload a burst of files to a local stack of its own, and prove that each has its record.')
    .addOption(
      new Option('--uploads <count>', `files to upload, ${LEAST_UPLOADS} or more`)
        .argParser(asArgument(parseWholeNumber(LEAST_UPLOADS, MOST_UPLOADS)))
        .default(USUAL_UPLOADS),
    )
    .addOption(
      new Option('--seed <number>', 'what the files, their order and the duplicates are drawn from')
        .argParser(asArgument(parseWholeNumber(0, 2 ** 32 - 1)))
        .default(1),
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
async function showDemo({ uploads, seed, json }: DemoOptions, context: CliContext): Promise<void> {
  const { stderr, stdout, signal } = context;
  // The emulators take a second to load.
  const [{ startLocalStack }, { runDemo }] = await Promise.all([
    import('../../local/stack.ts'),
    import('../demo/run-demo.ts'),
  ]);
  const assemblyDirectory = await localAssembly(context);
  const stack = await startLocalStack({
    assemblyDirectory,
    notificationFaults: { seed, ...NOTIFICATION_FAULTS },
    onError: (error) => void stderr.line(`The event source: ${error.message}`),
  });
  const plan = planDemo(uploads, seed);
  const bar = await startBar(context, plan.burst.length + plan.afterwards.length);
  try {
    const progress = { onUpload: () => bar?.increment(), onUploaded: () => bar?.stop() };
    const { summary, told } = await Promise.race([runDemo(stack, plan, progress), rejectOnAbort(signal)]);
    const faults = faultsOf(summary, POISON.length);
    if (!json) for (const line of emailLines(told)) await stdout.line(line);
    for (const line of json ? [JSON.stringify(summary)] : summaryLines(summary)) await stdout.line(line);
    for (const fault of faults) await stderr.line(`Not as it should be: ${fault}.`);
    if (faults.length > 0) context.exitCode = 1;
    else if (!json) await stdout.line('\nEvery upload has its record, and there is no record too many.');
  } finally {
    bar?.stop();
    await stack.close();
  }
}

/** The first alert and the first digest, as mail programs without HTML show them. */
function emailLines({ alerts, digests }: Told): string[] {
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
