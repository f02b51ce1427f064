import type { S3Client } from '@aws-sdk/client-s3';
import { createRateLimiter, limitConcurrency } from '../../shared/concurrency.ts';
import type { ReaderTable } from '../read/query.ts';
import { listBucket } from './bucket-listing.ts';
import type { BucketObject } from './bucket-object.ts';
import { isExpired, isRecent } from './bucket-object.ts';
import { type FoundSettings, putIfAbsent, putInPlace, toFoundRecord } from './found-record.ts';
import { findGone } from './gone-objects.ts';
import { KeySet } from './key-set.ts';
import { emptyReconcileReport, type Finding, type ReconcileReport } from './report.ts';
import type { VersionMatch } from './version-match.ts';
import { findVersion } from './version-match.ts';

/** Objects at work at once. */
const AT_ONCE = 32;

export interface ReconcileOptions {
  /** Objects a second. Default: no limit. */
  readonly rate?: number;
  /** Epoch or monotonic milliseconds. */
  readonly now: () => number;
  readonly wait: (milliseconds: number) => Promise<void>;
  readonly table: ReaderTable;
  readonly client: Pick<S3Client, 'send'>;
  readonly bucket: string;
  /** What the keys begin with. Default: all. */
  readonly prefix?: string;
  readonly settings: FoundSettings;
  /** Whether to put right what does not agree. */
  readonly repair: boolean;
  /** Objects that are younger than so many milliseconds are not missing yet. */
  readonly graceMilliseconds: number;
  readonly startedAt: Date;
  /** Told now and then; the report goes on changing. */
  readonly onProgress?: (report: Readonly<ReconcileReport>) => void;
  readonly signal?: AbortSignal;
}

/**
 * Holds a bucket against the ledger. Findings come as they are made.
 *
 * First each object of the bucket's listing is looked up in the ledger: one request a thousand objects to S3, one Query of half a read unit
 * an object to DynamoDB. Then the whole table is read once, in no order, for objects that the listing did not have: those alone are asked
 * for one by one. For this, 64 bits are remembered of each listed key, which is all the memory that grows with the bucket: 134 MB for ten
 * million objects, 201 MB at its greatest.
 *
 * @returns what was counted. When the signal stops it, the report says how far it came.
 * @throws the SDK's errors.
 */
export async function* reconcile(options: ReconcileOptions): AsyncGenerator<Finding, ReconcileReport> {
  const { client, bucket, prefix, signal, onProgress } = options;
  const report = emptyReconcileReport();
  const listed = new KeySet();
  const limited = limitConcurrency(AT_ONCE);
  const pace = createRateLimiter({
    perSecond: options.rate,
    clock: { monotonic: options.now, sleep: options.wait },
  });
  const listing = listBucket({ client, bucket, ...(prefix !== undefined && { prefix }) });
  for await (const page of listing) {
    const findings = await Promise.all(
      page.map((object) => {
        listed.add(object.key);
        return limited(async () => {
          if (signal?.aborted) return undefined;
          await pace(1);
          // The wait ends early when the reconciliation is stopped.
          if (signal?.aborted) return undefined;
          return lookUp(object, options, report);
        });
      }),
    );
    for (const finding of findings) if (finding !== undefined) yield finding;
    if (signal?.aborted) return report;
    onProgress?.(report);
  }
  yield* findGone(listed, options, report);
  return report;
}

async function lookUp(
  object: BucketObject,
  options: ReconcileOptions,
  report: ReconcileReport,
): Promise<Finding | undefined> {
  const { table, startedAt, graceMilliseconds, settings } = options;
  const match = await findVersion(table, object);
  report.listed += 1;
  const what = whatIs(match, object, startedAt, graceMilliseconds, settings);
  if (what !== 'missing' && what !== 'different') {
    report[what] += 1;
    return undefined;
  }
  const isRepaired = options.repair && (await repair(object, match, options));
  report[what] += 1;
  if (isRepaired) report.repaired += 1;
  const { bucket, key } = object;
  return { kind: what, bucket, key, object, ...('record' in match && { record: match.record }), isRepaired };
}

function whatIs(
  { kind }: VersionMatch,
  object: BucketObject,
  now: Date,
  graceMilliseconds: number,
  { records }: FoundSettings,
): 'recorded' | 'recent' | 'expired' | 'missing' | 'different' {
  if (kind === 'recorded') return 'recorded';
  if (kind !== 'wrong' && isRecent(object, now, graceMilliseconds)) return 'recent';
  if (kind === 'missing') return isExpired(object, now, records) ? 'expired' : 'missing';
  return 'different';
}

/** Writes the record that is missing, or corrects the wrong one in its place. */
async function repair(object: BucketObject, match: VersionMatch, { table, settings }: ReconcileOptions) {
  if (match.kind !== 'wrong') {
    await putIfAbsent(table, toFoundRecord(object, settings));
    return true;
  }
  const { size, eTag } = object;
  await putInPlace(table, {
    ...match.record,
    ...(size !== undefined && { filesize: size }),
    ...(eTag !== undefined && { etag: eTag }),
    source: settings.records.source,
  });
  return true;
}
