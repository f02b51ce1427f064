import type { QueueRef } from '../../dead-letters/queues.ts';
import type { VerdictSettings } from '../../dead-letters/redrive-decision.ts';
import type { ConnectionOptions, OpenLedger } from '../connection.ts';
import type { CliContext } from '../context.ts';
import { sayWhich } from '../with-reader.ts';

/** What the commands on dead letters work on. */
export interface OpenQueues {
  readonly ledger: OpenLedger;
  readonly deadLetters: QueueRef;
  readonly uploads: QueueRef;
  readonly verdict: VerdictSettings;
}

/** Finds the ledger, lets `use` work on its queues, and closes it. */
export async function withQueues(
  context: CliContext,
  options: ConnectionOptions,
  use: (queues: OpenQueues) => Promise<void>,
): Promise<void> {
  const ledger = await context.connect(options);
  try {
    await sayWhich(ledger, options, context);
    const { queueUrl, deadLetterQueueUrl, indexShards } = ledger.resources;
    const client = await ledger.clients.sqs();
    await use({
      ledger,
      deadLetters: { client, url: deadLetterQueueUrl },
      uploads: { client, url: queueUrl },
      verdict: { uploads: {}, records: { indexShards, source: 'notification' } },
    });
  } finally {
    ledger.clients.destroy();
  }
}
