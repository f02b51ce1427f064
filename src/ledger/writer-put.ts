import type { LedgerRecord } from './ledger-record.ts';

/** One record on its way to the table, and everyone who waits for it. */
export interface PendingPut {
  readonly record: LedgerRecord;
  readonly keyText: string;
  /** Settles once: with true when the record is stored, or when it will not be. */
  readonly outcome: Promise<true>;
  readonly stored: () => void;
  readonly failed: (error: Error) => void;
  /** How often DynamoDB has returned it unprocessed. */
  refusals: number;
}

export function toPendingPut(record: LedgerRecord, keyText: string): PendingPut {
  const { promise, resolve, reject } = Promise.withResolvers<true>();
  return { record, keyText, outcome: promise, stored: () => resolve(true), failed: reject, refusals: 0 };
}
