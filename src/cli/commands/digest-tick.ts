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

A few seconds later, the email is in the local inbox; if nothing happened, there
is none. An option of "npm start" sends them as soon as uploads are recorded. On
AWS, only the schedules send digests: "digest preview" shows the next one.
`;

/** `upload-ledger digest tick`: sends the digests of the local stack now. */
export function digestTickCommand(context: CliContext): Command {
  return new Command('tick')
    .description('Send the digests of the local stack now, not at their scheduled time.')
    .option('--name <name>', 'only this digest')
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
