import { setTimeout as wait } from 'node:timers/promises';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { ListedDigest } from '../contract/outputs.ts';
import { previewDigest } from '../digest/window/handle-tick.ts';
import { ledgerReader, storedKeys } from '../ledger/read/reader.ts';
import type { LocalEndpoints } from '../local/clients.ts';
import { watchQueues } from './live/watch-queues.ts';
import { localExtras } from './local-extras.ts';
import type { ConsoleSource } from './source.ts';

/** A ledger and its queues, on AWS or here. */
export interface SourceOptions {
  /** For people. */
  readonly name: string;
  readonly resources: {
    readonly region: string;
    readonly tableName: string;
    readonly queueUrl: string;
    readonly deadLetterQueueUrl: string;
    readonly bucketName: string;
    readonly indexShards: number;
  };
  /** The stack's digests. */
  readonly digests: readonly ListedDigest[];
  readonly clients: { readonly dynamodb: DynamoDBClient; readonly sqs: SQSClient };
  /** Of the local stack. Absent: AWS. */
  readonly endpoints?: LocalEndpoints;
  /** Told of each item of the table that should be a record and is none. It is left out. */
  readonly onUnreadable: (error: Error) => void;
}

/** Milliseconds between two looks at the ledger. On AWS a look costs a query a shard. */
const BETWEEN_LOOKS = { local: 500, aws: 2000 };

/** What the console shows of a ledger: the same on AWS and here, where there is an inbox and a bucket to upload to besides. */
export function openSource(options: SourceOptions): ConsoleSource {
  const { name, resources, digests, clients, endpoints, onUnreadable } = options;
  const { region, tableName, bucketName, indexShards } = resources;
  const { dynamodb, sqs } = clients;
  const uploads = { client: sqs, url: resources.queueUrl };
  const deadLetters = { client: sqs, url: resources.deadLetterQueueUrl };
  return {
    name,
    isLocal: endpoints !== undefined,
    region,
    bucketName,
    reader: ledgerReader({ client: dynamodb, tableName, indexShards, onUnreadable }),
    lookAtQueues: watchQueues({ uploads, deadLetters }),
    betweenLooks: endpoints === undefined ? BETWEEN_LOOKS.aws : BETWEEN_LOOKS.local,
    redrive: {
      uploads,
      deadLetters,
      verdict: { uploads: {}, records: { indexShards, source: 'notification' } },
      stored: (keys) => storedKeys({ client: dynamodb, tableName }, keys),
      now: Date.now,
      wait: (milliseconds) => wait(milliseconds),
    },
    digests,
    previewDigest: async (listed) => {
      const digest = await previewDigest({ client: dynamodb, tableName }, listed, Date.now());
      // Needs the runtime's time zones and grapheme tables: not before somebody asks.
      const { renderDigest } = await import('../digest/email/digest-email.ts');
      return { digest, email: renderDigest(digest) };
    },
    ...(endpoints && localExtras(endpoints, region, bucketName)),
  };
}
