import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { ListedDigest } from '../contract/outputs.ts';
import { type LedgerQueues, ledgerQueues } from '../dead-letters/queues.ts';
import { previewDigest } from '../digest/window/handle-tick.ts';
import { type LedgerReader, ledgerReader } from '../ledger/read/reader.ts';
import { type LocalClients, openLocalClients } from '../local/clients.ts';
import type { LocalEndpoints } from '../local/identity.ts';
import { presignUpload } from '../local/s3/presign.ts';
import { readEmails } from '../local/servers/mail-server.ts';
import { systemClock } from '../shared/clock.ts';
import type { PreviewDigest, ReadInbox } from './api/emails.ts';
import type { SignUpload } from './api/parameters.ts';
import { type LookAtQueues, watchQueues } from './live/live-feed.ts';

/** What the console shows, and all that it can do. */
export interface ConsoleSource {
  /** For people: `the local stack`, `stack UploadLedger in eu-west-1`. */
  readonly name: string;
  readonly isLocal: boolean;
  readonly region: string;
  readonly bucketName: string;
  readonly reader: LedgerReader;
  readonly lookAtQueues: LookAtQueues;
  /** Milliseconds between two looks at the ledger: each costs a query a shard. */
  readonly betweenLooks: number;
  readonly queues: LedgerQueues;
  /** The stack's digests, if it sends any. */
  readonly digests: readonly ListedDigest[];
  readonly previewDigest: PreviewDigest;
  /** Of the local stack. */
  readonly inbox?: ReadInbox;
  /** Of the local stack. */
  readonly uploads?: {
    /** Where the URLs lead: the page may send to no other place. */
    readonly origin: string;
    readonly sign: SignUpload;
  };
}

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
  const queues = ledgerQueues({ sqs, dynamodb: async () => dynamodb, resources, clock: systemClock });
  return {
    name,
    isLocal: endpoints !== undefined,
    region,
    bucketName,
    reader: ledgerReader({ client: dynamodb, tableName, indexShards, onUnreadable }),
    lookAtQueues: watchQueues(queues),
    betweenLooks: endpoints === undefined ? BETWEEN_LOOKS.aws : BETWEEN_LOOKS.local,
    queues,
    digests,
    previewDigest: async (listed) => {
      const digest = await previewDigest({ client: dynamodb, tableName }, listed, systemClock.now());
      // Needs the runtime's time zones and grapheme tables: not before somebody asks.
      const { renderDigest } = await import('../digest/email/digest-email.ts');
      return { digest, email: renderDigest(digest) };
    },
    ...(endpoints && localExtras(endpoints, region, bucketName)),
  };
}

/** Seconds for which a URL holds: an upload follows at once. */
const EXPIRES_IN = 900;

/** Signers kept: more than anybody makes up names for. */
const MOST_SIGNERS = 100;

/** What only the local stack has: an inbox, and a bucket that anybody may upload to under any name. */
export function localExtras(
  endpoints: LocalEndpoints,
  region: string,
  bucket: string,
): Required<Pick<ConsoleSource, 'inbox' | 'uploads'>> {
  const signers = new Map<string, LocalClients>();
  /** The local stack takes the access key id of whoever signs for the uploader. Signing asks nobody: there is nothing to close. */
  const signerOf = (uploader: string) => {
    const signer = signers.get(uploader) ?? openLocalClients(endpoints, region, uploader);
    if (signers.size >= MOST_SIGNERS) signers.clear();
    signers.set(uploader, signer);
    return signer.s3;
  };
  return {
    inbox: () => readEmails(endpoints.ses),
    uploads: {
      origin: new URL(endpoints.services).origin,
      sign: ({ key, uploader }) => presignUpload(signerOf(uploader), { bucket, key, expiresIn: EXPIRES_IN }),
    },
  };
}
