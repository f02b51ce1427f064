import type { ReaderTable } from '../read/query.ts';
import type { RecordingSettings } from '../record.ts';
import { RecordTooLargeError } from '../record-key.ts';
import { type BucketObject, createObjectRunner, isExpired, isRecent, type PaceOptions } from './bucket-object.ts';
import { putIfAbsent, toFoundRecord } from './found-record.ts';
import { coverageOf, type RecordedScope } from './recorded-scope.ts';
import { findVersion } from './version-match.ts';

export interface BackfillOptions extends PaceOptions {
  readonly table: ReaderTable;
  /** The objects, some at a time. */
  readonly objects: AsyncIterable<readonly BucketObject[]>;
  readonly settings: RecordingSettings;
  /** Only count what would be written. */
  readonly dryRun?: boolean;
  /** Objects that are younger than so many milliseconds are left to the notifications: see `isRecent`. */
  readonly graceMilliseconds: number;
  /** What the stack records. Default: everything. */
  readonly scope?: RecordedScope;
  /** Objects (`<bucket>/<key>`) of which a message waits in the dead-letter queue: they are left to it. */
  readonly waiting?: { has(object: string): boolean };
  /** When the backfill began. */
  readonly startedAt: Date;
  /** Called after each page; the report goes on changing. */
  readonly onPage?: (report: Readonly<BackfillReport>) => void;
}

/** What a backfill has done so far. */
export interface BackfillReport {
  /** Objects seen. */
  seen: number;
  /** Records written, or to be written in a dry run. */
  written: number;
  /** Objects that have their record. */
  recorded: number;
  /** Too young: left to the notifications. */
  recent: number;
  /** Left to a message in the dead-letter queue. */
  waiting: number;
  /** Not recorded by this stack, because of their key or of how they were made. */
  excluded: number;
  /** Past the ledger's retention: their records would expire at once. */
  expired: number;
  /** Objects whose record DynamoDB would reject for its size. */
  tooLarge: number;
  /** Where to go on: every object up to this key is done. */
  lastKey?: string;
}

/**
 * Writes a record for each object that has none.
 *
 * An object's record is searched for first: one that a notification wrote is never written again, let alone
 * overwritten. The record of an object is the same whenever it is written, so a backfill that was stopped or killed is
 * simply run again.
 *
 * @throws the SDK's errors. What was written by then stays.
 */
export async function backfill(options: BackfillOptions): Promise<BackfillReport> {
  const report: BackfillReport = {
    seen: 0,
    written: 0,
    recorded: 0,
    recent: 0,
    waiting: 0,
    excluded: 0,
    expired: 0,
    tooLarge: 0,
  };
  const run = createObjectRunner(options);
  for await (const page of options.objects) {
    const outcomes = await Promise.all(page.map((object) => run(() => fillIn(object, options))));
    for (const outcome of outcomes.filter((one) => one !== undefined)) {
      report.seen += 1;
      report[outcome] += 1;
    }
    if (options.signal?.aborted) break;
    const lastKey = page.at(-1)?.key;
    if (lastKey !== undefined) report.lastKey = lastKey;
    options.onPage?.(report);
  }
  return report;
}

type Outcome = 'written' | 'recorded' | 'recent' | 'waiting' | 'excluded' | 'expired' | 'tooLarge';

async function fillIn(object: BucketObject, options: BackfillOptions): Promise<Outcome> {
  const { table, settings, dryRun, startedAt, graceMilliseconds, waiting, scope = {} } = options;
  if (coverageOf(object, scope) === 'excluded') return 'excluded';
  const match = await findVersion(table, object);
  if (match.kind === 'recorded' || match.kind === 'wrong') return 'recorded';
  if (waiting?.has(`${object.bucket}/${object.key}`)) return 'waiting';
  if (isRecent(object, startedAt, graceMilliseconds)) return 'recent';
  if (isExpired(object, startedAt, settings.records)) return 'expired';
  try {
    const record = toFoundRecord(object, settings);
    return dryRun || (await putIfAbsent(table, record)) ? 'written' : 'recorded';
  } catch (error) {
    if (error instanceof RecordTooLargeError) return 'tooLarge';
    throw error;
  }
}
