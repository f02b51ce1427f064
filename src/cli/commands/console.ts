import { isIP } from 'node:net';
import { Command, Option } from 'commander';
import type { ConsoleServer } from '../../console/server/console-server.ts';
import type { ReadDashboard } from '../../local/metrics/dashboard-view.ts';
import { visibleText } from '../../shared/text.ts';
import { parsePort } from '../arguments/numbers.ts';
import { addConnectionOptions } from '../arguments/options.ts';
import { isCheckout } from '../checkout.ts';
import type { ConnectionOptions, OpenLedger } from '../connection.ts';
import { type CliContext, rejectOnAbort } from '../context.ts';
import { ArgumentError } from '../errors.ts';
import { explainError } from '../explain-error.ts';
import { checkDeployment } from './doctor.ts';

const EXAMPLES = `
Examples:
  upload-ledger console
  upload-ledger console --stack UploadLedger --region eu-west-1
  upload-ledger console --port 8700

Open the link that it prints: only people who have it can open the page. The
console reads with your own credentials. Only a redrive changes anything, and it
asks first.${isCheckout() ? ' "npm start" serves the console too.' : ''}
`;

/** `upload-ledger console`: a page to look at the ledger, until Ctrl-C. */
export function consoleCommand(context: CliContext): Command {
  const command = new Command('console')
    .description('Serve a web page that shows uploads as they arrive, who uploaded them, and what failed.')
    .optionsGroup('How:')
    .option('--port <number>', 'port to listen on (default: a free one)', parsePort)
    .addOption(
      new Option('--address <ip>', 'address to listen on')
        .argParser(parseAddress)
        .default('127.0.0.1', '127.0.0.1, for this machine alone'),
    );
  return addConnectionOptions(command)
    .addHelpText('after', EXAMPLES)
    .action((options: ConsoleOptions) => runConsole(options, context));
}

function parseAddress(text: string): string {
  if (isIP(text) !== 0) return text;
  throw new ArgumentError('an IP address of this machine, such as 127.0.0.1');
}

interface ConsoleOptions extends ConnectionOptions {
  readonly port?: number;
  /** Where to listen. */
  readonly address: string;
}

/** Each means: all addresses of this machine. */
const WILDCARD_ADDRESSES = ['0.0.0.0', '::'];

/** Serves the console until the context's signal stops it. */
async function runConsole({ port, address, ...connection }: ConsoleOptions, context: CliContext): Promise<void> {
  const { stdout, stderr, signal } = context;
  const { isLoopback } = await import('../../console/server/access.ts');
  const ledger = await context.connect(connection);
  try {
    const server = await serveConsole(ledger, context, { address, ...(port !== undefined && { port }) });
    try {
      if (!isLoopback(address)) {
        await stderr.line(
          `Other machines can reach ${address}, and the connection is not encrypted: others can read it.`,
        );
      }
      await stdout.line(`The console shows ${ledger.name}. Anybody with this link can use it:\n\n  ${server.link}\n`);
      if (WILDCARD_ADDRESSES.includes(address)) {
        await stderr.line(
          `It listens on every address of this machine: in the link, replace ${address} by the address that you use.`,
        );
      }
      await stderr.line('Ctrl-C stops it.');
      await rejectOnAbort(signal).catch(() => undefined);
    } finally {
      await server.close();
    }
  } finally {
    ledger.clients.destroy();
  }
}

interface ServeOptions {
  readonly address?: string;
  readonly port?: number;
  /** Absent: there is no page for it. */
  readonly dashboard?: ReadDashboard | undefined;
}

/** Starts the console's server. @throws UploadLedgerError `console-port` when it cannot listen there. */
export async function serveConsole(
  ledger: OpenLedger,
  context: CliContext,
  { dashboard, ...where }: ServeOptions,
): Promise<ConsoleServer> {
  const { name, stackName, resources, endpoints, clients } = ledger;
  const [{ openSource }, { startConsole }] = await Promise.all([
    import('../../console/source.ts'),
    import('../../console/server/console-server.ts'),
  ]);
  const source = openSource({
    name,
    resources,
    stackName,
    checkHealth: () => checkDeployment(ledger, context),
    dashboard,
    digests: resources.digests ?? [],
    clients: { dynamodb: await clients.dynamodb(), sqs: await clients.sqs() },
    ...(endpoints && { endpoints }),
    onUnreadable: firstOnly((error) =>
      context.stderr.line(`Some items could not be read and are left out; the first: ${visibleText(error.message)}`),
    ),
  });
  return startConsole({ source, explain: explainError, ...where });
}

/** The console reads the ledger again and again, and would repeat each error. */
function firstOnly(report: (error: Error) => Promise<void>): (error: Error) => void {
  let isReported = false;
  return (error) => {
    if (isReported) return;
    isReported = true;
    void report(error);
  };
}
