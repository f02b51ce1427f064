import { Command } from 'commander';
import { tickMessageNow } from '../../contract/digest-tick.ts';
import type { CliContext } from '../context.ts';
import { UsageError } from '../errors.ts';

interface TickOptions {
  readonly name?: string;
}

const EXAMPLES = `
Examples:
  upload-ledger digest tick
  upload-ledger digest tick --name daily

The email stands in the local inbox a few seconds later; without anything to
tell there is none. "npm start" can do this after each upload, as its help says.
On AWS digests are sent by their schedules alone: "digest preview" shows what
the next one would say.
`;

/** `upload-ledger digest tick`: sends the digests of the local stack now. */
export function digestTickCommand(context: CliContext): Command {
  return new Command('tick')
    .description('Send the digests of the local stack now, instead of at their time.')
    .option('--name <name>', 'one of them only')
    .addHelpText('after', EXAMPLES)
    .action(async (options: TickOptions) => tick(options, context));
}

async function tick({ name }: TickOptions, context: CliContext): Promise<void> {
  const ledger = await context.connect({ local: true });
  try {
    const { ticks = [], resources, clients } = ledger;
    const due = ticks.filter((one) => name === undefined || one.name === name);
    if (due.length === 0) throw new UsageError(noDigest(name, ticks));
    const [sqs, { SendMessageCommand }] = await Promise.all([clients.sqs(), import('@aws-sdk/client-sqs')]);
    for (const one of due) {
      const MessageBody = tickMessageNow(one.input, context.clock.now());
      await sqs.send(new SendMessageCommand({ QueueUrl: resources.queueUrl, MessageBody }));
      await context.stdout.line(
        `The digest ${one.name} is on its way to ${ledger.endpoints?.ses ?? 'its recipients'}.`,
      );
    }
  } finally {
    ledger.clients.destroy();
  }
}

function noDigest(name: string | undefined, ticks: readonly { readonly name: string }[]): string {
  if (ticks.length === 0 || name === undefined) return 'the local stack sends no digest: cdk.json configures none';
  return `the local stack has no digest "${name}": its digests are ${ticks.map((one) => one.name).join(', ')}`;
}
