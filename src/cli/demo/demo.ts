import { Command, Option } from 'commander';
import { asArgument } from '../arguments/as-argument.ts';
import { parseWholeNumber } from '../arguments/whole-number.ts';
import { needCheckout } from '../checkout.ts';
import type { CliContext } from '../context.ts';
import { LEAST_UPLOADS } from './plan.ts';
import type { DemoOptions } from './show-demo.ts';

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
      // The emulators take a second to load: not for the sake of a help text.
      const { showDemo } = await import('./show-demo.ts');
      await showDemo(options, context);
    });
}
