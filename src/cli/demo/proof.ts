import type { LedgerRecord } from '../../ledger/record.ts';
import type { UploadStatus } from '../../upload/upload.ts';

/** What S3 told the uploader about one change of one object. */
export interface ExpectedRecord {
  readonly status: UploadStatus;
  /** Bytes; absent for a delete. */
  readonly size?: number;
  /** Without quotes; absent for a delete. */
  readonly eTag?: string;
  readonly uploader: string;
}

/** The changes of every object in the order in which they were made, by `<bucket>/<key>`. */
export type ExpectedHistory = ReadonlyMap<string, readonly ExpectedRecord[]>;

export interface Proof {
  /** Changes without a record, as `<bucket>/<key> <what>`. */
  readonly missing: readonly string[];
  /** Records without a change. */
  readonly unexpected: readonly string[];
  /** Objects whose records are all there, in another order than their changes. */
  readonly misordered: readonly string[];
}

/** Holds the whole ledger against everything that was done to the bucket. */
export function prove(expected: ExpectedHistory, records: Iterable<LedgerRecord>): Proof {
  const histories = Map.groupBy(records, (record) => record.s3_object);
  const objects = new Set([...expected.keys(), ...histories.keys()]);
  const proof = { missing: [] as string[], unexpected: [] as string[], misordered: [] as string[] };
  for (const object of objects) {
    const wanted = (expected.get(object) ?? []).map(sign);
    const history = histories.get(object) ?? [];
    const found = history
      .toSorted((a, b) => compareText(a.upload_id, b.upload_id))
      .map((record) => sign(changeOf(record)));
    const missing = without(wanted, found);
    const unexpected = without(found, wanted);
    proof.missing.push(...missing.map((change) => `${object} ${change}`));
    proof.unexpected.push(...unexpected.map((change) => `${object} ${change}`));
    const complete = missing.length === 0 && unexpected.length === 0;
    if (complete && wanted.some((change, index) => change !== found[index])) proof.misordered.push(object);
  }
  return proof;
}

function changeOf(record: LedgerRecord): ExpectedRecord {
  return {
    status: record.status,
    ...(record.filesize !== undefined && { size: record.filesize }),
    ...(record.etag !== undefined && { eTag: record.etag }),
    uploader: record.uploader ?? 'nobody',
  };
}

/** Everything that must be equal, as one text. */
function sign({ status, size, eTag, uploader }: ExpectedRecord): string {
  return `${status} by ${uploader}, ${size ?? 'no'} bytes, eTag ${eTag ?? 'none'}`;
}

/** The members of `all` that remain when each member of `taken` has struck out one equal to it. */
function without(all: readonly string[], taken: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const entry of taken) counts.set(entry, (counts.get(entry) ?? 0) + 1);
  return all.filter((entry) => {
    const left = counts.get(entry) ?? 0;
    counts.set(entry, left - 1);
    return left <= 0;
  });
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
