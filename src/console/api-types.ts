import type { ListedDigest } from '../contract/outputs.ts';
import type { DeadLetter } from '../dead-letters/dead-letter.ts';
import type { DeadLetterGroup } from '../dead-letters/groups.ts';
import type { RedriveEnd, RedriveOptions, RedriveReport } from '../dead-letters/redrive.ts';
import type { Digest } from '../digest/email/digest-email.ts';
import type { Email } from '../digest/email/email-content.ts';
import type { OtherSpelling } from '../ledger/read/other-spelling.ts';
import type { Group } from '../ledger/read/statistics.ts';
import type { LedgerRecord } from '../ledger/record.ts';

/** The API between the server and the page. Only types, imported by both sides. */

/** A ledger record as the page gets it: without what only the table needs. */
export type RecordView = Omit<LedgerRecord, 's3_object' | 'filename' | 'day_shard' | 'uploader_shard'>;

/** What the console shows: read once. */
export interface SourceView {
  /** For people: `the local stack`, `stack UploadLedger in eu-west-1`. */
  readonly name: string;
  readonly isLocal: boolean;
  /** Name of the CloudFormation stack. Absent: the local stack. */
  readonly stackName?: string;
  readonly region: string;
  readonly bucketName: string;
  /** The stack's digests. */
  readonly digests: readonly ListedDigest[];
  /** Whether there is an inbox to look into. */
  readonly hasInbox: boolean;
  /** Whether the page may upload. */
  readonly canUpload: boolean;
  /** Whether the stack's dashboard can be drawn. */
  readonly hasDashboard: boolean;
}

/** What happened in one UTC minute, by the time of the events. */
export interface MinuteView {
  /** Epoch seconds of its beginning. */
  readonly minute: number;
  /** Uploads by category, in the order of `CATEGORIES`. */
  readonly uploads: readonly number[];
  /** Bytes by category, likewise. */
  readonly bytes: readonly number[];
}

/** Uploads of the last 60 seconds, by the time of the events. */
export interface LastMinuteView {
  readonly uploads: number;
  readonly bytes: number;
}

/** Milliseconds from events until their records were seen here, over the records of the last minutes. */
export interface DelayView {
  readonly median: number;
  readonly greatest: number;
  readonly count: number;
}

/** The queues as SQS counts them, which is approximate. */
export interface QueuesView {
  /** Ready to be received, or delayed. */
  readonly waiting: number;
  readonly inFlight: number;
  /** Milliseconds since the uploads queue was last seen empty; 0 while it is. */
  readonly backlogAge: number;
  /** Messages of the dead-letter queue. */
  readonly deadLetters: number;
}

/** One line of what happens, as it happens: first the snapshot. */
export type LiveLine = { readonly snapshot: SnapshotView } | { readonly change: ChangeView };

/** The state when the page starts to listen. */
export interface SnapshotView {
  readonly minutes: readonly MinuteView[];
  /** Newest last. */
  readonly records: readonly RecordView[];
  readonly lastMinute: LastMinuteView;
  readonly delay?: DelayView;
  readonly queues?: QueuesView;
  /** Why the figures may be old, if they are. */
  readonly trouble?: string;
  /** Whether the records that were there at the start are still being read. */
  readonly isReading: boolean;
  /** Whether the uploads of the hour before the start are still being counted: the minutes have too few. */
  readonly isCounting: boolean;
}

/** What has changed since. */
export interface ChangeView extends SnapshotView {
  /** New records that are counted and not shown, because too many came at once. */
  readonly skipped: number;
}

/** One line of the answer to a search. */
export type SearchLine =
  | { readonly record: RecordView }
  /** The day, UTC, that is being searched, and how many records were read so far. */
  | { readonly day: string; readonly read: number }
  /** The end. `next`: there is more, from there on. `read`: records that DynamoDB read for this answer. */
  | { readonly done: true; readonly next?: string; readonly read: number }
  | { readonly error: string };

/** Counts of uploads, by time or by name. */
export interface StatisticsView {
  readonly groups: readonly Group[];
  /** Whether only the newest groups are here. */
  readonly isCut: boolean;
  /** Records that DynamoDB read for it. */
  readonly read: number;
}

/** What one check of the deployment found: see `upload-ledger doctor`. */
export interface CheckView {
  readonly check: string;
  readonly outcome: 'ok' | 'note' | 'wrong' | 'unknown';
  /** How things are, in one line. */
  readonly says: string;
  readonly todo?: string;
}

export type HealthLine = CheckView | { readonly error: string };

/** One object. */
export interface ObjectView {
  /** The record of its current state; absent when nothing is recorded. */
  readonly current?: RecordView;
  /** Newest first. */
  readonly history: readonly RecordView[];
  /** Whether there is more than this. */
  readonly isCut: boolean;
  /** When nothing is recorded: a key in another form of Unicode of which something is. */
  readonly other?: OtherSpelling;
}

/** A message of the dead-letter queue, with the beginning of its body. */
export interface DeadLetterView extends Pick<DeadLetter, 'id' | 'detail' | 'sentAt' | 'body'> {
  /** Characters of the whole body. */
  readonly bodyLength: number;
  /** Whether a redrive would succeed, as far as the message itself is concerned. */
  readonly wouldSucceed: boolean;
  /** Such as `uploaded s3://bucket/a.jpg`, or what is wrong. */
  readonly decision: string;
}

/** All dead letters of one reason, and the first of them. */
export interface DeadLetterGroupView
  extends Readonly<Pick<DeadLetterGroup, 'reason' | 'count' | 'wouldSucceed' | 'oldest'>> {
  readonly deadLetters: readonly DeadLetterView[];
}

export interface DeadLettersView {
  /** The most frequent first. */
  readonly groups: readonly DeadLetterGroupView[];
  readonly looked: number;
  /** Whether there may be more than were read. */
  readonly isCut: boolean;
}

/** Which messages to redrive, of those that today's parser would take. `dryRun`: only read and decide. */
export type RedriveRequest = Pick<RedriveOptions, 'reason' | 'dryRun'>;

/** How far a redrive is: one line of its answer. The last line says why it ended. */
export interface RedriveProgressView extends Readonly<Pick<RedriveReport, 'looked' | 'chosen' | 'moved' | 'cameBack'>> {
  readonly end?: RedriveEnd;
}

export type RedriveLine = RedriveProgressView | { readonly error: string };

export interface EmailView {
  readonly id: string;
  readonly subject: string;
  readonly from: string;
  readonly to: readonly string[];
  /** Epoch milliseconds. */
  readonly at: number;
  readonly text: string;
  /** Whether there is an HTML part: at `/mail/ID`. */
  readonly hasHtml: boolean;
}

/** What a digest would say now. Its HTML is at `/mail/digest`, with the same query. */
export type DigestPreviewView = Pick<Email, 'subject' | 'text'> & Pick<Digest, 'since' | 'until'>;

/** One file that the page wants to upload. */
export interface UploadRequest {
  readonly key: string;
  /** Who the upload is from. */
  readonly uploader: string;
}

/** Presigned URLs, in the order in which they were asked for. */
export interface SignedUploadsView {
  readonly urls: readonly string[];
}

/** An address of the console that a browser may ask for without the token. */
export interface TicketView {
  readonly address: string;
}
