import type { LedgerRecord } from '../../ledger/record.ts';
import { formatCount, formatNumberOf } from '../../shared/format.ts';
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

/** What the demo found, as its `--json` line says it. */
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
  /** Notifications that repeated another: the records that they did not become. */
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
   * Uploads that the digests tell of once more, because their notification came twice, in different batches. How many there are follows
   * from the notifications that were sent and those that the function says it collapsed, not from the digests.
   */
  readonly digestRepeats: number;
  /** Bytes that the digests tell of, those of the repeats included. */
  readonly digestBytes: number;
  /** Alert emails. */
  readonly alerts: number;
  /** Uploads that alerts are asked for. */
  readonly alertsExpected: number;
  /** Sums of the function's own metrics, by name. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Most memory that this process held, in bytes. */
  readonly peakMemoryBytes: number;
}

/** What is wrong, in words; nothing when the demo has proved its point. */
export function faultsOf(summary: DemoSummary, poisoned: number): string[] {
  const { uploaded, recorded, metrics, quarantined } = summary;
  const faults: (string | false)[] = [
    summary.missing > 0 && `${formatCount(summary.missing)} uploads or deletes have no record`,
    summary.unexpected > 0 && `${formatCount(summary.unexpected)} records belong to no upload or delete`,
    summary.misordered > 0 && `${formatCount(summary.misordered)} objects have their records in the wrong order`,
    recorded !== uploaded && `${formatCount(uploaded)} uploads became ${formatCount(recorded)} records`,
    quarantined !== poisoned &&
      `${poisoned} unreadable messages were sent, ${quarantined} stand in the dead-letter queue`,
    metrics.MessagesFailed !== 0 && `${metrics.MessagesFailed} messages failed, and none should`,
    ...(summary.digests > 0 ? digestFaults(summary) : []),
    summary.alertsExpected > 0 &&
      summary.alerts + (metrics.AlertsHeldBack ?? 0) === 0 &&
      `${formatCount(summary.alertsExpected)} uploads call for an alert, and none was sent`,
    summary.alerts > summary.batches && `${summary.alerts} alerts were sent for ${summary.batches} batches`,
  ];
  return faults.filter((fault) => fault !== false);
}

/** The digests have to agree with what S3 took, and to the byte with what the function says that it recorded. */
function digestFaults({ uploaded, digestUploads, digestBytes, metrics }: DemoSummary): (string | false)[] {
  return [
    digestUploads !== uploaded && `the digests cover ${formatCount(digestUploads)} of ${formatCount(uploaded)} uploads`,
    digestBytes !== metrics.UploadBytes &&
      `the digests tell of ${formatCount(digestBytes)} bytes, ${formatCount(metrics.UploadBytes ?? 0)} were recorded`,
  ];
}

/** The summary as lines of a table. */
export function summaryLines(summary: DemoSummary): string[] {
  const rows: [string, string][] = [
    ['Uploaded', formatCount(summary.uploaded)],
    ['Recorded', formatCount(summary.recorded)],
    ['Deletes', `${formatCount(summary.deleted)}, recorded ${formatCount(summary.deletesRecorded)}`],
    ['Missing', formatCount(summary.missing)],
    ['Unexpected', formatCount(summary.unexpected)],
    ['Duplicates collapsed', formatCount(summary.duplicatesCollapsed)],
    ['Quarantined', formatCount(summary.quarantined)],
    ['Batches', formatCount(summary.batches)],
    ['Digests', digestsText(summary)],
    ['Alerts', `${formatCount(summary.alerts)}, asked for by ${formatNumberOf(summary.alertsExpected, 'upload')}`],
    ['Drained in', `${summary.drainSeconds.toFixed(1)} s`],
    ['Peak memory', `${Math.round(summary.peakMemoryBytes / 1_000_000)} MB`],
    ...Object.entries(summary.metrics).map(([name, sum]): [string, string] => [
      `  ${name}`,
      formatCount(Math.round(sum)),
    ]),
  ];
  const width = Math.max(...rows.map(([title]) => title.length));
  return rows.map(([title, value]) => `${title.padEnd(width)}  ${value}`);
}

function digestsText({ digests, digestUploads, digestRepeats }: DemoSummary): string {
  const repeats = digestRepeats > 0 ? `, ${formatCount(digestRepeats)} of them twice (see docs/email.md)` : '';
  return `${formatCount(digests)}, covering ${formatNumberOf(digestUploads, 'upload')}${repeats}`;
}
