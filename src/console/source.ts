import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { ListedDigest } from '../contract/outputs.ts';
import { type LedgerQueues, type LedgerQueuesOptions, ledgerQueues } from '../dead-letters/queues.ts';
import { toEmailLedger } from '../digest/email/email-ledger.ts';
import { previewDigest } from '../digest/window/handle-tick.ts';
import { type LedgerReader, ledgerReader } from '../ledger/read/reader.ts';
import { type LocalClients, openLocalClients } from '../local/clients.ts';
import type { LocalEndpoints } from '../local/identity.ts';
import type { ReadDashboard } from '../local/metrics/dashboard-view.ts';
import { presignUpload } from '../local/s3/presign.ts';
import { readEmails } from '../local/servers/mail-server.ts';
import { systemClock } from '../shared/clock.ts';
import type { PreviewDigest, ReadInbox } from './api/emails.ts';
import type { CheckView, UploadRequest } from './api-types.ts';
import { type ReadQueues, watchQueues } from './live/live-feed.ts';

/** What the console shows, and all that it can do. */
export interface ConsoleSource {
  /** For people: `the local stack`, `stack UploadLedger in eu-west-1`. */
  readonly name: string;
  readonly isLocal: boolean;
  /** Name of the CloudFormation stack. Absent: the local stack. */
  readonly stackName?: string;
  readonly region: string;
  readonly bucketName: string;
  readonly reader: LedgerReader;
  /** For reading dead letters and for redrives. */
  readonly queues: LedgerQueues;
  readonly readQueues: ReadQueues;
  /** Milliseconds between two polls of the ledger: each costs a query a shard. */
  readonly pollMilliseconds: number;
  /** The stack's digests, if it sends any. */
  readonly digests: readonly ListedDigest[];
  readonly previewDigest: PreviewDigest;
  /** Checks the deployment; each finding comes as soon as it is there. */
  readonly checkHealth: CheckHealth;
  /** Of a local stack in this process: only there are the figures known. */
  readonly dashboard?: ReadDashboard;
  /** Of the local stack. */
  readonly inbox?: ReadInbox;
  /** Of the local stack. */
  readonly uploads?: {
    /** Of the URLs: the page may send uploads to no other place. */
    readonly origin: string;
    /** Signs a PUT of `key` as `uploader`: the URL that anybody may upload to. */
    readonly sign: (upload: UploadRequest) => Promise<string>;
  };
}

export type CheckHealth = () => AsyncIterable<CheckView>;

/** A ledger and its queues, on AWS or local. */
export interface SourceOptions {
  /** For people. */
  readonly name: string;
  readonly resources: LedgerQueuesOptions['resources'] & {
    readonly region: string;
    readonly bucketName: string;
    /** What digests link to. */
    readonly consoleUrl?: string;
  };
  /** Of the CloudFormation stack. Absent: the local stack. */
  readonly stackName?: string | undefined;
  readonly checkHealth: CheckHealth;
  readonly dashboard?: ReadDashboard | undefined;
  /** The stack's digests. */
  readonly digests: readonly ListedDigest[];
  readonly clients: { readonly dynamodb: DynamoDBClient; readonly sqs: SQSClient };
  /** Of the local stack. Absent: AWS. */
  readonly endpoints?: LocalEndpoints;
  /** Called with each item of the table that should be a record and is none. It is left out. */
  readonly onUnreadable: (error: Error) => void;
}

/** On AWS a poll costs a query a shard. */
const POLL_MS = { local: 500, aws: 2000 };

/** The same on AWS and locally, where there is an inbox and a bucket to upload to as well. */
export function openSource(options: SourceOptions): ConsoleSource {
  const { name, resources, stackName, checkHealth, digests, clients, endpoints, onUnreadable } = options;
  const { region, tableName, bucketName, indexShards } = resources;
  const { dynamodb, sqs } = clients;
  const place = toEmailLedger({ ...resources, ...(stackName !== undefined && { stackName }) });
  const queues = ledgerQueues({ sqs, dynamodb: async () => dynamodb, resources, clock: systemClock });
  return {
    name,
    isLocal: endpoints !== undefined,
    ...(options.dashboard && { dashboard: options.dashboard }),
    ...(options.stackName !== undefined && { stackName: options.stackName }),
    region,
    bucketName,
    reader: ledgerReader({ client: dynamodb, tableName, indexShards, onUnreadable }),
    queues,
    readQueues: watchQueues(queues),
    pollMilliseconds: endpoints === undefined ? POLL_MS.aws : POLL_MS.local,
    digests,
    checkHealth,
    previewDigest: async (listed) => {
      const digest = await previewDigest({ client: dynamodb, tableName }, listed, systemClock.now());
      // Loads the runtime's time zones and grapheme tables, so only when somebody asks.
      const { renderDigest } = await import('../digest/email/digest-email.ts');
      return { digest, email: renderDigest(digest, place) };
    },
    ...(endpoints && localExtras(endpoints, region, bucketName)),
  };
}

/** Seconds for which a URL is valid: an upload follows at once. */
const EXPIRES_IN = 900;

/** More than anybody makes up names for. */
const MAX_SIGNERS = 100;

/** What only the local stack has: an inbox, and a bucket that anybody may upload to under any name. */
function localExtras(
  endpoints: LocalEndpoints,
  region: string,
  bucket: string,
): Required<Pick<ConsoleSource, 'inbox' | 'uploads'>> {
  const signers = new Map<string, LocalClients>();
  // The local stack takes the access key id of the signature as the uploader. Signing opens no connection to close.
  const signerFor = (uploader: string) => {
    const signer = signers.get(uploader) ?? openLocalClients(endpoints, region, uploader);
    if (signers.size >= MAX_SIGNERS) signers.clear();
    signers.set(uploader, signer);
    return signer.s3;
  };
  return {
    inbox: () => readEmails(endpoints.ses),
    uploads: {
      origin: new URL(endpoints.services).origin,
      sign: ({ key, uploader }) => presignUpload(signerFor(uploader), { bucket, key, expiresIn: EXPIRES_IN }),
    },
  };
}
