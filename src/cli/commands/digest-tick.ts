import { Command } from 'commander';
import { tickMessageNow } from '../../contract/digest-tick.ts';
import { localPortOption } from '../arguments/options.ts';
import { needCheckout } from '../checkout.ts';
import type { CliContext } from '../context.ts';
import { UsageError } from '../errors.ts';
import { withLedger } from '../ledger-session.ts';

interface TickOptions {
  readonly name?: string;
  readonly localPort?: number;
}

const EXAMPLES = `
Examples:
  upload-ledger digest tick
  upload-ledger digest tick --name daily

The email is in the local inbox a few seconds later; when nothing happened
there is none. "npm start" can do this after each upload, as its help says.
On AWS digests are sent by their schedules alone: "digest preview" shows what
the next one would say.
`;

/** `upload-ledger digest tick`: sends the digests of the local stack now. */
export function digestTickCommand(context: CliContext): Command {
  return new Command('tick')
    .description('Send the digests of the local stack now, instead of at their time.')
    .option('--name <name>', 'one of them only')
    .addOption(localPortOption())
    .addHelpText('after', EXAMPLES)
    .action(async (options: TickOptions) => tick(options, context));
}

async function tick({ name, ...connection }: TickOptions, context: CliContext): Promise<void> {
  needCheckout('digest tick');
  await withLedger(context, { local: true, ...connection }, async ({ ticks = [], resources, clients, endpoints }) => {
    const chosen = ticks.filter((tick) => name === undefined || tick.name === name);
    if (chosen.length === 0) throw new UsageError(noDigest(name, ticks));
    const [sqs, { SendMessageCommand }] = await Promise.all([clients.sqs(), import('@aws-sdk/client-sqs')]);
    for (const tick of chosen) {
      const MessageBody = tickMessageNow(tick.input, context.clock.now());
      await sqs.send(new SendMessageCommand({ QueueUrl: resources.queueUrl, MessageBody }));
      await context.stdout.line(`The digest ${tick.name} is on its way to ${endpoints?.ses ?? 'its recipients'}.`);
    }
  });
}

function noDigest(name: string | undefined, ticks: readonly { readonly name: string }[]): string {
  if (ticks.length === 0 || name === undefined) return 'the local stack sends no digest: cdk.json configures none';
  return `the local stack has no digest "${name}": its digests are ${ticks.map((one) => one.name).join(', ')}`;
}
