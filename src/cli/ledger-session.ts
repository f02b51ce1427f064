import type { LedgerQueues } from '../dead-letters/queues.ts';
import type { LedgerReader } from '../ledger/read/reader.ts';
import { formatNumberOf } from '../shared/format.ts';
import { visibleText } from '../shared/text.ts';
import type { QueueOptions } from './arguments/options.ts';
import type { ConnectionOptions, OpenLedger } from './connection.ts';
import type { CliContext } from './context.ts';
import { UsageError } from './errors.ts';
import type { DeliveryResources } from './ledger-resources.ts';
import { paint } from './output/output.ts';

/** Finds the ledger, lets `use` work with it, and closes its connections. */
export async function withLedger(
  context: CliContext,
  options: ConnectionOptions,
  use: (ledger: OpenLedger) => Promise<void>,
): Promise<void> {
  const { stderr } = context;
  const ledger = await context.connect(options);
  try {
    // Nobody should mistake the local stack's records for those of production.
    if (ledger.isLocal && !options.local && stderr.isTerminal) {
      await stderr.line(paint('From the local stack that runs here; --stack NAME reads one on AWS.', 'dim', stderr));
    }
    await use(ledger);
  } finally {
    ledger.clients.destroy();
  }
}

/**
 * As {@link withLedger}, with a reader of the records. Items that should be records and cannot be read are left out and
 * reported at the end: one such item must not hide all others.
 */
export async function withReader(
  context: CliContext,
  options: ConnectionOptions,
  use: (reader: LedgerReader, ledger: OpenLedger) => Promise<void>,
): Promise<void> {
  await withLedger(context, options, async (ledger) => {
    const { ledgerReader } = await import('../ledger/read/reader.ts');
    let unreadable = 0;
    let firstError = '';
    const onUnreadable = ({ message }: Error) => {
      if (unreadable === 0) firstError = message;
      unreadable += 1;
    };
    await use(ledgerReader({ ...(await ledgerTable(ledger)), onUnreadable }), ledger);
    if (unreadable === 0) return;
    await context.stderr.line(
      `Left out ${formatNumberOf(unreadable, 'item')} that could not be read; the first: ${visibleText(firstError)}`,
    );
  });
}

/** The ledger's table, for the functions of `src/ledger`. */
export async function ledgerTable({ clients, resources: { tableName, indexShards } }: OpenLedger) {
  return { client: await clients.dynamodb(), tableName, indexShards };
}

/** What the commands on dead letters work with. */
export interface OpenQueues extends LedgerQueues {
  readonly ledger: OpenLedger;
}

/** As {@link withLedger}, with its queues. For failed deliveries, theirs takes the place of the dead-letter queue. */
export async function withQueues(
  context: CliContext,
  options: ConnectionOptions & QueueOptions,
  use: (queues: OpenQueues) => Promise<void>,
): Promise<void> {
  await withLedger(context, options, async (ledger) => {
    const queues = await queuesOf(ledger, context);
    if (options.queue === 'uploads') return use(queues);
    const { client } = queues.deadLetters;
    await use({ ...queues, deadLetters: { client, url: requireDeliveries(ledger).queueUrl } });
  });
}

export async function queuesOf(ledger: OpenLedger, { clock }: Pick<CliContext, 'clock'>): Promise<OpenQueues> {
  const { resources, clients } = ledger;
  const { ledgerQueues } = await import('../dead-letters/queues.ts');
  const made = { sqs: await clients.sqs(), dynamodb: () => clients.dynamodb() };
  return { ledger, ...ledgerQueues({ ...made, resources, clock }) };
}

/** @throws UsageError when the stack has no webhooks. */
export function requireDeliveries({ name, resources: { deliveries } }: OpenLedger): DeliveryResources {
  if (deliveries !== undefined) return deliveries;
  throw new UsageError(`${name} has no webhooks, so no delivery can have failed`);
}
