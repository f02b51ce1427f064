import type { LedgerRecord } from '../record.ts';
import { listBucket } from './bucket-listing.ts';
import { type BucketObject, createObjectRunner, isExpired, isRecent, waitForDeletes } from './bucket-object.ts';
import { putIfAbsent, putInPlace, toFoundRecord } from './found-record.ts';
import { findGone } from './gone-objects.ts';
import { KeySet } from './key-set.ts';
import { type Coverage, coverageOf, recordsDeletes } from './recorded-scope.ts';
import { counted, emptyReconcileReport, type Finding, type ReconcileOptions, type ReconcileReport } from './report.ts';
import { examineNotCurrent, isCurrent, toCurrentRecord, withVersion } from './reverted-objects.ts';
import { SupersededCollector } from './superseded.ts';
import { settleSuperseded } from './superseded-records.ts';
import { findVersion, recentRecords, stateOf, type VersionMatch } from './version-match.ts';

/**
 * Compares a bucket with the ledger. Findings come as they are made.
 *
 * First each object of the bucket's listing is looked up in the ledger: one request a thousand objects to S3, one Query
 * of half a read unit an object to DynamoDB. Then the whole table is read once, in no order, for objects that the
 * listing did not have, and for uploads that have two records: only for those is S3 asked one by one. For this, 64 bits
 * of each listed key are remembered, which is all the memory that grows with the bucket: 134 MB for ten million objects,
 * 201 MB at most.
 *
 * @returns what was counted. When the signal stops it, the report says how far it came.
 * @throws the SDK's errors.
 */
export async function* reconcile(options: ReconcileOptions): AsyncGenerator<Finding, ReconcileReport> {
  const { client, bucket, prefix, signal, onProgress } = options;
  const report = emptyReconcileReport();
  const listed = new KeySet();
  const run = createObjectRunner(options);
  const listing = listBucket({ client, bucket, ...(prefix !== undefined && { prefix }) });
  for await (const page of listing) {
    const toldByNow = waitForDeletes(options);
    const findings = await Promise.all(
      page.map((object) => {
        listed.add(object.key);
        return run(() => lookUp(object, toldByNow, options, report));
      }),
    );
    for (const finding of findings.flat()) if (finding !== undefined) yield finding;
    if (signal?.aborted) return report;
    onProgress?.(report);
  }
  const superseded = new SupersededCollector();
  yield* findGone(listed, superseded, options, report);
  yield* settleSuperseded(superseded.end(), options, report);
  return report;
}

async function lookUp(
  listed: BucketObject,
  toldByNow: () => Promise<void>,
  options: ReconcileOptions,
  report: ReconcileReport,
): Promise<readonly Finding[]> {
  const { table, scope = {} } = options;
  report.listed += 1;
  const coverage = coverageOf(listed, scope);
  if (coverage === 'excluded') {
    report.excluded += 1;
    return [];
  }
  const recent = await recentRecords(table, listed);
  const { object, match } = await identify(listed, recent, options);
  const what = compare(match, object, coverage, options);
  if (what === 'missing' || what === 'different') {
    const finding = await settle(what, match, recent.length > 0, object, options, report);
    // Now that it has its record, the ledger may still have something on top of it.
    const isNew = !finding.isRepaired || recent.length === 0;
    const reverted = isNew ? undefined : await findReverted(object, toldByNow, options, report);
    return reverted === undefined ? [finding] : [finding, reverted];
  }
  if (what === 'recorded') {
    const finding = await findReverted(object, toldByNow, options, report, { match, recent });
    if (finding !== undefined) return [finding];
  }
  report[what] += 1;
  return [];
}

/**
 * The object, and what the ledger has of it. A listing does not name the version: where the ledger takes the recorded one
 * for an old one or for deleted, another of equal content may be current, which only a HEAD can tell.
 */
async function identify(
  listed: BucketObject,
  recent: readonly LedgerRecord[],
  options: ReconcileOptions,
): Promise<{ readonly object: BucketObject; readonly match: VersionMatch }> {
  const { table } = options;
  const match = await findVersion(table, listed, recent);
  if (match.kind !== 'recorded' || isCurrent(match.record, await stateOf(table, listed, recent)))
    return { object: listed, match };
  const object = await withVersion(listed, options);
  return { object, match: await findVersion(table, object, recent) };
}

async function findReverted(
  object: BucketObject,
  toldByNow: () => Promise<void>,
  options: ReconcileOptions,
  report: ReconcileReport,
  known?: { readonly match: VersionMatch; readonly recent: readonly LedgerRecord[] },
): Promise<Finding | undefined> {
  const { table, scope = {} } = options;
  // Where versions are deleted for good without a record, nobody can tell. A delete marker would hide the object.
  if (!recordsDeletes(scope, false)) return undefined;
  const recent = known?.recent ?? (await recentRecords(table, object));
  const match = known?.match ?? (await findVersion(table, object, recent));
  if (match.kind !== 'recorded' || isCurrent(match.record, await stateOf(table, object, recent))) return undefined;
  await toldByNow();
  return examineNotCurrent(object, options, report);
}

async function settle(
  kind: 'missing' | 'different',
  match: VersionMatch,
  hasRecords: boolean,
  object: BucketObject,
  options: ReconcileOptions,
  report: ReconcileReport,
): Promise<Finding> {
  const { bucket, key } = object;
  const isWaiting = match.kind !== 'wrong' && (options.waiting?.has(`${bucket}/${key}`) ?? false);
  const isRepaired = options.repair && !isWaiting;
  if (isRepaired) await repair(object, match, hasRecords, options);
  const record = 'record' in match && { record: match.record };
  return counted({ kind, bucket, key, object, ...record, ...(isWaiting && { isWaiting }), isRepaired }, report);
}

function compare(
  { kind }: VersionMatch,
  object: BucketObject,
  coverage: Coverage,
  { startedAt, graceMilliseconds, settings }: ReconcileOptions,
): 'recorded' | 'recent' | 'expired' | 'unclear' | 'missing' | 'different' {
  if (kind === 'recorded') return 'recorded';
  if (kind === 'wrong') return 'different';
  if (coverage === 'unclear') return 'unclear';
  if (isRecent(object, startedAt, graceMilliseconds)) return 'recent';
  if (kind === 'missing') return isExpired(object, startedAt, settings.records) ? 'expired' : 'missing';
  return 'different';
}

/** Writes the record that is missing, or corrects the wrong one in its place. */
async function repair(
  object: BucketObject,
  match: VersionMatch,
  hasRecords: boolean,
  options: ReconcileOptions,
): Promise<void> {
  const { table, settings } = options;
  if (match.kind !== 'wrong') {
    await putIfAbsent(table, await (hasRecords ? toCurrentRecord(object, options) : toFoundRecord(object, settings)));
    return;
  }
  const { size, eTag } = object;
  await putInPlace(table, {
    ...match.record,
    ...(size !== undefined && { filesize: size }),
    ...(eTag !== undefined && { etag: eTag }),
    source: settings.records.source,
  });
}
