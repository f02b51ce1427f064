import type { S3Client } from '@aws-sdk/client-s3';
import type { ReaderTable } from '../read/query.ts';
import type { LedgerRecord, RecordingSettings } from '../record.ts';
import type { BucketObject, PaceOptions } from './bucket-object.ts';
import type { RecordedScope } from './recorded-scope.ts';

export interface ReconcileOptions extends PaceOptions {
  readonly table: ReaderTable;
  readonly client: Pick<S3Client, 'send'>;
  readonly bucket: string;
  /** What the keys begin with. Default: all. */
  readonly prefix?: string;
  readonly settings: RecordingSettings;
  /** Whether to correct the ledger where it does not agree. */
  readonly repair: boolean;
  /** Objects that are younger than so many milliseconds are not missing yet: see `isRecent`. */
  readonly graceMilliseconds: number;
  /** What the stack records. Default: everything. */
  readonly scope?: RecordedScope;
  /** Objects (`<bucket>/<key>`) of which a message waits in the dead-letter queue: nothing is written for them. */
  readonly waiting?: { has(object: string): boolean };
  readonly startedAt: Date;
  /** Called now and then; the report goes on changing. */
  readonly onProgress?: (report: Readonly<ReconcileReport>) => void;
}

/**
 * What does not agree: an object without a record of its current version; an object whose record says another size or
 * eTag; an object that is gone although no record says so; one of which an earlier version is the current one again
 * although no record says so; an upload or delete that has two records, because its notification came after backfill or
 * reconcile had recorded it.
 */
type FindingKind = 'missing' | 'different' | 'gone' | 'reverted' | 'twice';

export interface Finding {
  readonly kind: FindingKind;
  readonly bucket: string;
  readonly key: string;
  /** What S3 has. Absent: nothing. */
  readonly object?: BucketObject;
  /** What the ledger has instead, or has too much. Absent: nothing. */
  readonly record?: LedgerRecord;
  /** The notification's record, which stays. */
  readonly supersededBy?: LedgerRecord;
  /** Not repaired, because a message in the dead-letter queue is about the object. */
  readonly isWaiting?: true;
  /** Whether the ledger has been corrected. */
  readonly isRepaired: boolean;
}

/** How many objects agree with the ledger, and how many do not. */
export interface ReconcileReport {
  /** Objects in the bucket. */
  listed: number;
  /** Of them: with a record that agrees. */
  recorded: number;
  missing: number;
  different: number;
  /** Objects that the ledger still has and the bucket does not. */
  gone: number;
  /** Objects of which the ledger has a later version, or a delete marker, that the bucket has no more. */
  reverted: number;
  /** Records that a notification has superseded. */
  twice: number;
  /** Of all these, corrected. */
  repaired: number;
  /** Without a record, and so young that their notification may be on its way: neither recorded nor missing. */
  recent: number;
  /** Of what does not agree: not repaired, because a message in the dead-letter queue is about the object. */
  waiting: number;
  /** Not recorded by this stack, because of their key or of how they were made. */
  excluded: number;
  /** Without a record, and made or gone perhaps by an event that this stack does not record. */
  unclear: number;
  /** Without a record, because that would have expired. */
  expired: number;
  /** Records of the bucket's objects that were read to find those that are gone. */
  scanned: number;
}

export function emptyReconcileReport(): ReconcileReport {
  return {
    listed: 0,
    recorded: 0,
    missing: 0,
    different: 0,
    gone: 0,
    reverted: 0,
    twice: 0,
    repaired: 0,
    recent: 0,
    waiting: 0,
    excluded: 0,
    unclear: 0,
    expired: 0,
    scanned: 0,
  };
}

/** Counts the finding. @returns the finding. */
export function counted(finding: Finding, report: ReconcileReport): Finding {
  report[finding.kind] += 1;
  if (finding.isRepaired) report.repaired += 1;
  if (finding.isWaiting) report.waiting += 1;
  return finding;
}

/** Findings that were not corrected. */
export function openFindings({ missing, different, gone, reverted, twice, repaired }: ReconcileReport): number {
  return missing + different + gone + reverted + twice - repaired;
}

/** What was judged: objects, including those that are gone, and records that are too many. */
export function judged({ recorded, missing, different, gone, reverted, twice }: ReconcileReport): number {
  return recorded + missing + different + gone + reverted + twice;
}

/** The part of what was judged for which the ledger is right: 0 to 1. Undefined: nothing could be judged. */
export function completeness(report: ReconcileReport): number | undefined {
  const all = judged(report);
  return all === 0 ? undefined : (all - openFindings(report)) / all;
}
