import { formatCount } from '../../digest/format.ts';

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
  ];
  return faults.filter((fault) => fault !== false);
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
