import { isIP } from 'node:net';
import { Command, Option } from 'commander';
import { asArgument } from './arguments/as-argument.ts';
import { addConnectionOptions } from './arguments/connection-options.ts';
import { parsePort } from './arguments/port.ts';
import type { CliContext } from './context.ts';
import type { ConsoleCommandOptions } from './run-console.ts';
import { UsageError } from './usage-error.ts';

const EXAMPLES = `
Examples:
  upload-ledger console
  upload-ledger console --stack UploadLedger --region eu-west-1
  upload-ledger console --port 8700

Open the link that it prints: only whoever has it is let in. The console reads
with your own credentials, and changes nothing but by a redrive, which asks
first. "npm start" serves it as well.
`;

/** `upload-ledger console`: a page to look at the ledger, until Ctrl-C. */
export function consoleCommand(context: CliContext): Command {
  const command = new Command('console')
    .description('Serve a page that shows uploads arrive, who sent them, and what failed.')
    .optionsGroup('How:')
    .addOption(
      new Option('--port <number>', 'port to listen on (default: a free one)').argParser(asArgument(parsePort)),
    )
    .addOption(
      new Option('--address <ip>', 'address to listen on')
        .argParser(asArgument(parseAddress))
        .default('127.0.0.1', '127.0.0.1, for this machine alone'),
    );
  addConnectionOptions(command);
  return command.addHelpText('after', EXAMPLES).action(async (options: ConsoleCommandOptions) => {
    // Loads what builds the page: not for the sake of a help text.
    const { runConsole } = await import('./run-console.ts');
    await runConsole(options, context);
  });
}

function parseAddress(text: string): string {
  if (isIP(text) !== 0) return text;
  throw new UsageError('Expected an IP address of this machine, such as 127.0.0.1.');
}
