import { currentState, currentStateOf } from '../current-state.ts';
import { historyOf, newestFirst } from '../read/history.ts';
import { scanRecords } from '../read/reader.ts';
import { type LedgerRecord, namedVersion } from '../record.ts';
import { headObject } from './bucket-listing.ts';
import { isMultipartETag, MAX_OBJECTS_AT_ONCE, waitForDeletes } from './bucket-object.ts';
import { putIfAbsent, toGoneRecord } from './found-record.ts';
import type { KeySet } from './key-set.ts';
import { isRecordedKey, recordsDeletes } from './recorded-scope.ts';
import { counted, type Finding, type ReconcileOptions, type ReconcileReport } from './report.ts';
import { type Superseded, type SupersededCollector, withoutSuperseded } from './superseded.ts';

/** Records of one object that are held at once. Hardly any object has as many. */
const MAX_HELD = 1000;

/** Records between two calls of `onProgress`. */
const PROGRESS_STEP = 1000;

/**
 * Objects that exist by the ledger, and that neither the listing had nor S3 has when asked.
 *
 * @param superseded Gets every record that is read.
 * @param listed Keys of the listing. Once in 10^12 times it has a key that was not listed; it never lacks one that was.
 */
export async function* findGone(
  listed: KeySet,
  superseded: SupersededCollector,
  options: ReconcileOptions,
  report: ReconcileReport,
): AsyncGenerator<Finding> {
  const { signal, scope = {} } = options;
  const toldByNow = waitForDeletes(options);
  let suspects: LedgerRecord[] = [];
  const ask = async () => {
    await toldByNow();
    const findings = await Promise.all(suspects.map((record) => examine(record, options, report)));
    suspects = [];
    return findings.filter((finding) => finding !== undefined);
  };
  for await (const records of byObject(ofBucket(superseded, options, report))) {
    if (signal?.aborted) return;
    const [record] = records;
    if (listed.has(record.s3_key) || !isRecordedKey(record.s3_key, scope) || !(await mayExist(records))) continue;
    const hasVersions = records.some(({ version_id }) => namedVersion(version_id) !== undefined);
    if (recordsDeletes(scope, hasVersions)) suspects.push(record);
    else report.unclear += 1;
    if (suspects.length >= MAX_OBJECTS_AT_ONCE) yield* await ask();
  }
  if (!signal?.aborted && suspects.length > 0) yield* await ask();
}

/** The records of the bucket's objects, in the order of the table: those of one object are together. */
async function* ofBucket(
  superseded: SupersededCollector,
  { table, bucket, prefix = '', onProgress }: ReconcileOptions,
  report: ReconcileReport,
) {
  for await (const record of scanRecords(table)) {
    if (record.s3_bucket !== bucket || !record.s3_key.startsWith(prefix)) continue;
    report.scanned += 1;
    superseded.add(record);
    yield record;
    if (report.scanned % PROGRESS_STEP === 0) onProgress?.(report);
  }
}

type Records = [LedgerRecord, ...LedgerRecord[]];

/** The records of each object, where those of one object are together: its first ones when there are very many. */
async function* byObject(records: AsyncIterable<LedgerRecord>): AsyncGenerator<Records> {
  let held: Records | undefined;
  for await (const record of records) {
    if (held?.[0].s3_object !== record.s3_object) {
      if (held !== undefined) yield held;
      held = [record];
    } else if (held.length < MAX_HELD) held.push(record);
  }
  if (held !== undefined) yield held;
}

/** Whether there is an object by these records. Of an object with very many, S3 and its whole history decide. */
async function mayExist(records: Records): Promise<boolean> {
  if (records.length === MAX_HELD) return true;
  const state = await currentState(newestFirst(withoutSuperseded(records, isOfOneUpload)));
  return state?.exists ?? false;
}

/** Of an object that is gone: see `settleSuperseded`. */
function isOfOneUpload({ found, isCertain }: Superseded): boolean {
  return isCertain || isMultipartETag(found.etag);
}

/** Asks both sides once more: what was read may have changed since. */
async function examine(
  { s3_bucket: bucket, s3_key: key }: LedgerRecord,
  { table, client, repair, waiting, settings, startedAt }: ReconcileOptions,
  report: ReconcileReport,
): Promise<Finding | undefined> {
  if ((await headObject(client, bucket, key)) !== undefined) return undefined;
  const history = await Array.fromAsync(historyOf(table, bucket, key, { order: 'newest-first' }));
  const state = currentStateOf(withoutSuperseded(history, isOfOneUpload));
  if (!state?.exists) return undefined;
  const { record } = state;
  // Later than the current version's record, or the object would seem to have come back.
  const foundAt = new Date(Math.max(startedAt.getTime(), Date.parse(record.timestamp) + 1));
  const isWaiting = waiting?.has(record.s3_object) ?? false;
  const isRepaired = repair && !isWaiting;
  if (isRepaired) await putIfAbsent(table, toGoneRecord(record, foundAt, settings));
  return counted({ kind: 'gone', bucket, key, record, ...(isWaiting && { isWaiting }), isRepaired }, report);
}
