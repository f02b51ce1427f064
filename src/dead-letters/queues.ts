import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetQueueAttributesCommand, PurgeQueueCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { storedKeys } from '../ledger/read/reader.ts';
import { type FoundRecords, foundRecords } from '../ledger/reconcile/superseded-records.ts';
import { type RecordingSettings, type RecordingStack, recordingSettings } from '../ledger/record.ts';
import type { RecordKey } from '../ledger/record-key.ts';
import type { Clock } from '../shared/clock.ts';
import { UploadLedgerError } from '../shared/errors.ts';

/** A queue, and the client to reach it with. */
export interface QueueRef {
  readonly client: Pick<SQSClient, 'send'>;
  readonly url: string;
}

/** The queues of a deployed ledger, and what a redrive has to know about the ledger. */
export interface LedgerQueues {
  readonly deadLetters: QueueRef;
  readonly uploads: QueueRef;
  readonly settings: RecordingSettings;
  /** Which of the records with these keys are in the ledger. */
  readonly stored: (keys: readonly RecordKey[]) => Promise<readonly RecordKey[]>;
  /** What backfill and reconcile have written. */
  readonly found: FoundRecords;
  readonly clock: Pick<Clock, 'monotonic' | 'sleep'>;
}

export interface LedgerQueuesOptions {
  readonly sqs: SQSClient;
  /** Called when a redrive first asks for stored records. */
  readonly dynamodb: () => Promise<DynamoDBClient>;
  readonly resources: RecordingStack & {
    readonly queueUrl: string;
    readonly deadLetterQueueUrl: string;
    readonly tableName: string;
  };
  readonly clock: LedgerQueues['clock'];
}

export function ledgerQueues({ sqs, dynamodb, resources, clock }: LedgerQueuesOptions): LedgerQueues {
  const { queueUrl, deadLetterQueueUrl, tableName, indexShards } = resources;
  return {
    deadLetters: { client: sqs, url: deadLetterQueueUrl },
    uploads: { client: sqs, url: queueUrl },
    settings: recordingSettings(resources, 'notification'),
    stored: async (keys) => storedKeys({ client: await dynamodb(), tableName }, keys),
    found: foundRecords(async () => ({ client: await dynamodb(), tableName, indexShards })),
    clock,
  };
}

/** How many messages a queue holds. SQS's counts are approximate: they are right about a minute after a change. */
export interface QueueState {
  readonly arn: string;
  /** Ready to be received. */
  readonly visible: number;
  /** Received by somebody, and neither deleted nor given back yet. */
  readonly hidden: number;
  /** Not yet to be received. */
  readonly delayed: number;
}

/** @throws UploadLedgerError `no-queue-state` when the answer holds no attributes, and the SDK's errors. */
export async function queueState({ client, url }: QueueRef): Promise<QueueState> {
  const { Attributes = {} } = await client.send(
    new GetQueueAttributesCommand({
      QueueUrl: url,
      AttributeNames: [
        'QueueArn',
        'ApproximateNumberOfMessages',
        'ApproximateNumberOfMessagesNotVisible',
        'ApproximateNumberOfMessagesDelayed',
      ],
    }),
  );
  const arn = Attributes.QueueArn;
  if (arn === undefined) throw new UploadLedgerError('no-queue-state', `SQS gives no attributes of the queue ${url}`);
  return {
    arn,
    visible: Number(Attributes.ApproximateNumberOfMessages ?? 0),
    hidden: Number(Attributes.ApproximateNumberOfMessagesNotVisible ?? 0),
    delayed: Number(Attributes.ApproximateNumberOfMessagesDelayed ?? 0),
  };
}

/**
 * Deletes everything in the queue, also what is hidden, and what arrives within the next minute.
 *
 * @throws `PurgeQueueInProgress` of the SDK within 60 seconds of another purge. Source: SQS API reference, PurgeQueue.
 */
export async function purgeQueue({ client, url }: QueueRef): Promise<void> {
  await client.send(new PurgeQueueCommand({ QueueUrl: url }));
}
