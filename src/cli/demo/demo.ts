import { SingleBar } from 'cli-progress';
import { Command, Option } from 'commander';
import { startLocalStack } from '../../local/local-stack.ts';
import { asArgument } from '../arguments/as-argument.ts';
import type { CliContext } from '../context.ts';
import { localAssembly } from '../local-assembly.ts';
import { UsageError } from '../usage-error.ts';
import { LEAST_UPLOADS, planDemo } from './plan.ts';
import { POISON } from './poison.ts';
import { runDemo } from './run-demo.ts';
import { faultsOf, summaryLines } from './summary.ts';

const MOST_UPLOADS = 1_000_000;
const USUAL_UPLOADS = 200;

/** How notifications arrive: out of order, and one in twenty of them twice. */
const UNKINDNESS = { shuffle: 20, duplicate: 0.05 } as const;

interface DemoOptions {
  readonly uploads: number;
  readonly seed: number;
  readonly json?: boolean;
}

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
        .argParser(asArgument(wholeNumber(LEAST_UPLOADS, MOST_UPLOADS)))
        .default(USUAL_UPLOADS),
    )
    .addOption(
      new Option('--seed <number>', 'what the files, their order and the duplicates are drawn from')
        .argParser(asArgument(wholeNumber(0, 2 ** 32 - 1)))
        .default(1),
    )
    .option('--json', 'one JSON object on the last line, for programs')
    .addHelpText('after', EXAMPLES)
    .action((options: DemoOptions) => demo(options, context));
}

async function demo({ uploads, seed, json }: DemoOptions, context: CliContext): Promise<void> {
  const { stderr, stdout, signal } = context;
  const assemblyDirectory = await localAssembly(context);
  const stack = await startLocalStack({
    assemblyDirectory,
    unkind: { seed, ...UNKINDNESS },
    onError: (error) => void stderr.line(`The event source: ${error.message}`),
  });
  const plan = planDemo(uploads, seed);
  const bar = openBar(context, plan.burst.length + plan.afterwards.length);
  try {
    const stopped = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    const progress = { onUpload: () => bar?.increment(), onUploaded: () => bar?.stop() };
    const summary = await Promise.race([runDemo(stack, plan, progress), stopped]);
    const faults = faultsOf(summary, POISON.length);
    for (const line of json ? [JSON.stringify(summary)] : summaryLines(summary)) await stdout.line(line);
    for (const fault of faults) await stderr.line(`Not as it should be: ${fault}.`);
    if (faults.length > 0) context.exitCode = 1;
    else if (!json) await stdout.line('\nEvery upload has its record, and there is no record too many.');
  } finally {
    bar?.stop();
    await stack.close();
  }
}

/** A progress bar on stderr; none where that is no terminal. */
function openBar({ stderr }: CliContext, steps: number): SingleBar | undefined {
  if (!stderr.isTerminal) return undefined;
  const format = 'Uploading {bar} {value}/{total}, {eta_formatted} to go';
  const bar = new SingleBar({ format, stream: process.stderr, hideCursor: true, gracefulExit: false });
  bar.start(steps, 0);
  return bar;
}

function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new UsageError(`Expected a whole number from ${least} to ${most}.`);
  };
}
