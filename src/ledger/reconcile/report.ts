import type { LedgerRecord } from '../record.ts';
import type { BucketObject } from './bucket-object.ts';

/**
 * What does not agree: an object without a record of what is there now; an object whose record says another size or eTag; an object that
 * is not there although nothing records its going.
 */
export type FindingKind = 'missing' | 'different' | 'gone';

export interface Finding {
  readonly kind: FindingKind;
  readonly bucket: string;
  readonly key: string;
  /** What S3 has. Absent: nothing. */
  readonly object?: BucketObject;
  /** What the ledger has instead. Absent: nothing. */
  readonly record?: LedgerRecord;
  /** Whether the ledger has been put right. */
  readonly isRepaired: boolean;
}

/** Where the bucket and the ledger agree, and where not. */
export interface ReconcileReport {
  /** Objects in the bucket. */
  listed: number;
  /** Of them: with a record that agrees. */
  recorded: number;
  missing: number;
  different: number;
  /** Objects that the ledger still has and the bucket does not. */
  gone: number;
  /** Of all these, put right. */
  repaired: number;
  /** Without a record and so young that their notification may be on its way: neither counted as there nor as missing. */
  recent: number;
  /** Without a record, because that would have expired. */
  expired: number;
  /** Records of the bucket's objects that were read to find those that are gone. */
  scanned: number;
}

export function emptyReconcileReport(): ReconcileReport {
  return { listed: 0, recorded: 0, missing: 0, different: 0, gone: 0, repaired: 0, recent: 0, expired: 0, scanned: 0 };
}

/** Findings that were not put right. */
export function openFindings({ missing, different, gone, repaired }: ReconcileReport): number {
  return missing + different + gone - repaired;
}

/** The part of all objects, those that are gone included, for which the ledger is right: 0 to 1. */
export function completeness(report: ReconcileReport): number {
  const { recorded, missing, different, gone } = report;
  const all = recorded + missing + different + gone;
  return all === 0 ? 1 : (all - openFindings(report)) / all;
}
