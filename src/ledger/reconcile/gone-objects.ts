import { HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { MINUTE_MS } from '../../shared/time.ts';
import type { ReaderTable } from '../read/query.ts';
import { scanRecords } from '../read/reader.ts';
import type { LedgerRecord } from '../record.ts';
import { putIfAbsent, toGoneRecord } from './found-record.ts';
import type { KeySet } from './key-set.ts';
import type { ReconcileOptions } from './reconcile.ts';
import type { Finding, ReconcileReport } from './report.ts';
import { recentRecords } from './version-match.ts';

/** Objects that are asked for at once. */
const AT_ONCE = 32;

/** Milliseconds that S3 gets to tell of a delete that came just before the listing: it takes seconds as a rule. */
const LONGEST_WAIT_FOR_DELETES = MINUTE_MS;

/** Records between two steps of the progress. */
const A_STEP = 1000;

/**
 * Objects that the ledger has as there, and that neither the listing had nor S3 has when asked.
 *
 * @param listed Keys of the listing. It may take a key for listed that was not, once in 10^12 times, and never the other way round.
 */
export async function* findGone(
  listed: KeySet,
  options: ReconcileOptions,
  report: ReconcileReport,
): AsyncGenerator<Finding> {
  const { signal, onProgress, wait, now, graceMilliseconds } = options;
  const askFrom = now() + Math.min(graceMilliseconds, LONGEST_WAIT_FOR_DELETES);
  let suspects: LedgerRecord[] = [];
  const ask = async () => {
    const delay = askFrom - now();
    if (delay > 0) await wait(delay);
    const findings = await Promise.all(suspects.map((record) => examine(record, options, report)));
    suspects = [];
    return findings.filter((finding) => finding !== undefined);
  };
  for await (const record of lastOfEachObject(ofBucket(options, report))) {
    if (signal?.aborted) return;
    if (record.status !== 'deleted' && !listed.has(record.s3_key)) suspects.push(record);
    if (suspects.length >= AT_ONCE) yield* await ask();
    if (report.scanned % A_STEP === 0) onProgress?.(report);
  }
  if (!signal?.aborted && suspects.length > 0) yield* await ask();
}

/** The records of the bucket's objects, in the order of the table: one object's stand together. */
async function* ofBucket({ table, bucket, prefix = '' }: ReconcileOptions, report: ReconcileReport) {
  for await (const record of scanRecords(table)) {
    if (record.s3_bucket !== bucket || !record.s3_key.startsWith(prefix)) continue;
    report.scanned += 1;
    yield record;
  }
}

/** Of records that stand together by object, the latest of each. */
async function* lastOfEachObject(records: AsyncIterable<LedgerRecord>): AsyncGenerator<LedgerRecord> {
  let last: LedgerRecord | undefined;
  for await (const record of records) {
    if (last !== undefined && last.s3_object !== record.s3_object) yield last;
    if (last === undefined || last.s3_object !== record.s3_object || record.timestamp >= last.timestamp) last = record;
  }
  if (last !== undefined) yield last;
}

/** Asks both sides once more: what was read may be of an earlier moment. */
async function examine(
  { s3_bucket: bucket, s3_key: key }: LedgerRecord,
  { table, client, repair, settings, startedAt }: ReconcileOptions,
  report: ReconcileReport,
): Promise<Finding | undefined> {
  if (await isThere(client, bucket, key)) return undefined;
  const record = await latestRecord(table, bucket, key);
  if (record === undefined || record.status === 'deleted') return undefined;
  // After whatever was recorded, lest the object should seem to have come back.
  const foundAt = new Date(Math.max(startedAt.getTime(), Date.parse(record.timestamp) + 1));
  if (repair) await putIfAbsent(table, toGoneRecord(record, foundAt, settings));
  report.gone += 1;
  if (repair) report.repaired += 1;
  return { kind: 'gone', bucket, key, record, isRepaired: repair };
}

async function latestRecord(table: ReaderTable, bucket: string, key: string): Promise<LedgerRecord | undefined> {
  return (await recentRecords(table, { bucket, key }))[0];
}

async function isThere(client: Pick<S3Client, 'send'>, Bucket: string, Key: string): Promise<boolean> {
  try {
    await client.send(new HeadObjectCommand({ Bucket, Key }));
    return true;
  } catch (error) {
    if (error instanceof Error && (error.name === 'NotFound' || error.name === 'NoSuchKey')) return false;
    throw error;
  }
}
