import type { UploadStatus } from '../../contract/uploads.ts';
import type { LedgerRecord } from '../../ledger/record.ts';
import { formatCount } from '../../shared/format.ts';
import { POISON } from './plan.ts';

/** One change of one object, as S3 confirmed it to the uploader. */
export interface ExpectedRecord {
  readonly status: UploadStatus;
  /** Bytes; absent for a delete. */
  readonly size?: number;
  /** Without quotes; absent for a delete. */
  readonly eTag?: string;
  readonly uploader: string;
}

interface RecordComparison {
  /** Changes without a record, as `<bucket>/<key> <what>`. */
  readonly missing: readonly string[];
  /** Records without a change. */
  readonly unexpected: readonly string[];
  /** Objects whose records are all there, in another order than their changes. */
  readonly misordered: readonly string[];
}

/**
 * Compares the whole ledger with everything that was done to the bucket.
 *
 * @param expected The changes of every object in their order, by `<bucket>/<key>`.
 */
export function compareRecords(
  expected: ReadonlyMap<string, readonly ExpectedRecord[]>,
  records: Iterable<LedgerRecord>,
): RecordComparison {
  const histories = Map.groupBy(records, (record) => record.s3_object);
  const objects = new Set([...expected.keys(), ...histories.keys()]);
  const result = { missing: [] as string[], unexpected: [] as string[], misordered: [] as string[] };
  for (const object of objects) {
    const history = (histories.get(object) ?? []).toSorted((a, b) => (a.upload_id < b.upload_id ? -1 : 1));
    const wanted = (expected.get(object) ?? []).map(changeText);
    const found = history.map(({ status, filesize, etag, uploader = 'nobody' }) =>
      changeText({ status, uploader, ...(filesize !== undefined && { size: filesize }), ...(etag && { eTag: etag }) }),
    );
    const missing = without(wanted, found);
    const unexpected = without(found, wanted);
    result.missing.push(...missing.map((change) => `${object} ${change}`));
    result.unexpected.push(...unexpected.map((change) => `${object} ${change}`));
    const isComplete = missing.length === 0 && unexpected.length === 0;
    if (isComplete && wanted.some((change, index) => change !== found[index])) result.misordered.push(object);
  }
  return result;
}

/** Everything that must be equal, as one text. */
function changeText({ status, size, eTag, uploader }: ExpectedRecord): string {
  return `${status} by ${uploader}, ${size ?? 'no'} bytes, eTag ${eTag ?? 'none'}`;
}

/** What remains of `all` when each member of `taken` has removed one that equals it. */
function without(all: readonly string[], taken: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const entry of taken) counts.set(entry, (counts.get(entry) ?? 0) + 1);
  return all.filter((entry) => {
    const left = counts.get(entry) ?? 0;
    counts.set(entry, left - 1);
    return left <= 0;
  });
}

/** What the demo found: its `--json` line. */
export interface DemoSummary {
  /** Uploads that S3 took. */
  readonly uploaded: number;
  /** Records of uploads in the ledger. */
  readonly recorded: number;
  /** Objects deleted. */
  readonly deleted: number;
  /** Records of deletes in the ledger. */
  readonly deletesRecorded: number;
  /** Uploads and deletes without a record. */
  readonly missing: number;
  /** Records without an upload or a delete. */
  readonly unexpected: number;
  /** Objects whose records are in another order than what happened to them. */
  readonly misordered: number;
  /** Notifications that repeated another, and became no record of their own. */
  readonly duplicatesCollapsed: number;
  /** Messages in the dead-letter queue. */
  readonly quarantined: number;
  /** Batches that the function was invoked with. */
  readonly batches: number;
  /** From the first upload to the last record. */
  readonly drainSeconds: number;
  /** Digest emails; 0 where the stack has no digest. */
  readonly digests: number;
  /** Uploads that the digests cover, each once. */
  readonly digestUploads: number;
  /**
   * Uploads that the digests count twice, because their notification came twice, in different batches. The number
   * follows from the notifications that were sent and from the function's metric of collapsed ones, not from the
   * digests.
   */
  readonly digestRepeats: number;
  /** Bytes in the digests, with those of the repeats. */
  readonly digestBytes: number;
  /** Alert emails. */
  readonly alerts: number;
  /** Uploads that match an alert rule. */
  readonly alertsExpected: number;
  /** Sums of the function's own metrics, by name. */
  readonly metrics: Readonly<Record<string, number>>;
  /** The most memory that this process has used. */
  readonly peakMemoryBytes: number;
}

/** What is wrong, in words. Empty: every upload has its record, its place in the digest, and its alert. */
export function findProblems(summary: DemoSummary): string[] {
  const { uploaded, recorded, metrics, quarantined } = summary;
  const problems: (string | false)[] = [
    summary.missing > 0 && `${formatCount(summary.missing)} uploads or deletes have no record`,
    summary.unexpected > 0 && `${formatCount(summary.unexpected)} records have no upload or delete`,
    summary.misordered > 0 && `${formatCount(summary.misordered)} objects have their records in the wrong order`,
    recorded !== uploaded && `${formatCount(uploaded)} uploads became ${formatCount(recorded)} records`,
    quarantined !== POISON.length &&
      `${POISON.length} unreadable messages were sent, ${quarantined} are in the dead-letter queue`,
    metrics.MessagesFailed !== 0 && `${metrics.MessagesFailed} messages failed, but none should`,
    ...(summary.digests > 0 ? digestProblems(summary) : []),
    summary.alertsExpected > 0 &&
      summary.alerts + (metrics.AlertsHeldBack ?? 0) === 0 &&
      `${formatCount(summary.alertsExpected)} uploads match an alert, but none was sent`,
    summary.alerts > summary.batches && `${summary.alerts} alerts were sent for ${summary.batches} batches`,
  ];
  return problems.filter((problem) => problem !== false);
}

/** The digests must agree with what S3 took, and to the byte with the function's own metric. */
function digestProblems({ uploaded, digestUploads, digestBytes, metrics }: DemoSummary): (string | false)[] {
  return [
    digestUploads !== uploaded && `the digests cover ${formatCount(digestUploads)} of ${formatCount(uploaded)} uploads`,
    digestBytes !== metrics.UploadBytes &&
      `the digests report ${formatCount(digestBytes)} bytes, ${formatCount(metrics.UploadBytes ?? 0)} were recorded`,
  ];
}
