import type { ListedDigest } from '../contract/outputs.ts';
import type { LedgerReader } from '../ledger/read/reader.ts';
import type { PreviewDigest } from './api/digest.ts';
import type { ReadInbox } from './api/mail.ts';
import type { RedriveWorld } from './api/redrive.ts';
import type { SignUpload } from './api/sign-uploads.ts';
import type { LookAtQueues } from './live/watch-queues.ts';

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
  readonly redrive: RedriveWorld;
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
