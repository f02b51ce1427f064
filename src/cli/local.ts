import { Command, Option } from 'commander';
import { asArgument } from './arguments/as-argument.ts';
import { parsePort } from './arguments/port.ts';
import { needCheckout } from './checkout.ts';
import type { CliContext } from './context.ts';
import type { LocalOptions } from './run-local.ts';

const EXAMPLES = `
Examples:
  npm start
  npm start -- --port 4566 --mail-port 8005
  npm start -- --tick-now

Everything is kept in memory: what you upload is gone when the stack stops.
`;

/** `upload-ledger local`: the whole stack on this machine, until Ctrl-C. */
export function localCommand(context: CliContext): Command {
  const port = (flag: string, what: string) =>
    new Option(`${flag} <number>`, `${what} (default: a free port)`).argParser(asArgument(parsePort));
  return new Command('local')
    .description('Run the whole stack on this machine, and show uploads as they are recorded.')
    .addOption(port('--port', 'port of S3 and SQS'))
    .addOption(port('--dynamodb-port', 'port of DynamoDB'))
    .addOption(port('--mail-port', 'port of SES and its inbox'))
    .addOption(port('--console-port', 'port of the console'))
    .option('--tick-now', 'send digests as soon as uploads are recorded, not when they are due')
    .addHelpText('after', EXAMPLES)
    .action(async (options: LocalOptions) => {
      needCheckout('local');
      // The emulators take a second to load: not for the sake of a help text.
      const { runLocal } = await import('./run-local.ts');
      await runLocal(options, context);
    });
}
