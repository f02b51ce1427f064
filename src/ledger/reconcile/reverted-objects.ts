import { SECOND_MS } from '../../shared/time.ts';
import {
  currentStateOf,
  isVersionDelete,
  type ObjectState,
  removesOneVersion,
  saysThatAllIsGone,
} from '../current-state.ts';
import { compareEvents, historyOf } from '../read/history.ts';
import { type LedgerRecord, namedVersion } from '../record.ts';
import { headObject } from './bucket-listing.ts';
import { type BucketObject, isMultipartETag, wholeSeconds } from './bucket-object.ts';
import { isFoundRecord, putIfAbsent, toFoundRecord, toVersionDelete } from './found-record.ts';
import { counted, type Finding, type ReconcileOptions, type ReconcileReport } from './report.ts';
import { withoutSuperseded } from './superseded.ts';
import { removeFound } from './superseded-records.ts';
import { matchVersion } from './version-match.ts';

/** Whether the ledger takes the version of `record` for the current one. */
export function isCurrent(record: LedgerRecord, state: ObjectState | undefined): boolean {
  if (!state?.exists) return false;
  const { upload_id, version_id, status } = state.record;
  if (upload_id === record.upload_id) return true;
  const version = namedVersion(version_id);
  return version === namedVersion(record.version_id) && (version !== undefined || status === 'restored');
}

/**
 * What is wrong with an object whose version is recorded, when the ledger takes it for an old one or for deleted: nobody
 * told that the later versions were deleted for good, or that equal content was uploaded again. Asks both sides once
 * more, because what was read may have changed since.
 *
 * @param object As it was listed.
 */
export async function examineNotCurrent(
  object: BucketObject,
  options: ReconcileOptions,
  report: ReconcileReport,
): Promise<Finding | undefined> {
  const now = await headUnchanged(object, options);
  if (now === undefined) return undefined;
  const history = await historyNow(object, options);
  const state = currentStateOf(history);
  // Of two records of one upload, that of the notification knows its version.
  const match = await matchVersion(object, history);
  if (match.kind !== 'recorded' || isCurrent(match.record, state)) return undefined;
  const recorded = match.record;
  const isNamed = namedVersion(recorded.version_id) !== undefined;
  const again = isNamed ? undefined : placedOnTop(object, history, options);
  const target = { recorded, version: namedVersion(now.versionId ?? recorded.version_id) };
  const later = again === undefined ? laterThan(target, history, options) : [];
  if (again === undefined && later.length === 0) return undefined;
  const isWaiting = options.waiting?.has(recorded.s3_object) ?? false;
  const isRepaired = options.repair && !isWaiting;
  if (isRepaired && again !== undefined) await replace(recorded, again, options);
  if (isRepaired) await removeLater(later, history, options);
  const kind = again === undefined ? 'reverted' : 'missing';
  const { bucket, key } = object;
  const record = state && { record: state.record };
  return counted({ kind, bucket, key, object, ...record, ...(isWaiting && { isWaiting }), isRepaired }, report);
}

/**
 * The record of an object of which there is none: later than what the ledger has, where that cannot have come after it.
 * S3's time of an object can be too early: it has whole seconds, and that of a multipart upload is its beginning.
 */
export async function toCurrentRecord(object: BucketObject, options: ReconcileOptions): Promise<LedgerRecord> {
  const placed = placedOnTop(object, await historyNow(object, options), options);
  const isUnchanged = placed !== undefined && (await headUnchanged(object, options)) !== undefined;
  return isUnchanged ? placed : toFoundRecord(object, options.settings);
}

/** Undefined: nothing hides the object's record at its own time, or what does is later for certain. */
function placedOnTop(
  object: BucketObject,
  history: readonly LedgerRecord[],
  { settings }: ReconcileOptions,
): LedgerRecord | undefined {
  const found = toFoundRecord(object, settings);
  const state = currentStateOf([...history, found].sort((a, b) => compareEvents(b, a)));
  if (state === undefined || isCurrent(found, state)) return undefined;
  const hiddenAt = Date.parse(state.record.timestamp);
  const isTooEarly = isMultipartETag(object.eTag) || hiddenAt < Date.parse(found.timestamp) + SECOND_MS;
  if (!isTooEarly) return undefined;
  return toFoundRecord({ ...object, lastModified: new Date(hiddenAt + 1).toISOString() }, settings);
}

/** The object with the id of its version, where it has one and is still as it was listed. */
export async function withVersion(object: BucketObject, options: ReconcileOptions): Promise<BucketObject> {
  const versionId = namedVersion((await headUnchanged(object, options))?.versionId);
  return versionId === undefined ? object : { ...object, versionId };
}

async function headUnchanged({ bucket, key, eTag, lastModified }: BucketObject, { client }: ReconcileOptions) {
  const now = await headObject(client, bucket, key);
  const isUnchanged =
    now?.eTag === eTag && now !== undefined && wholeSeconds(now.lastModified) === wholeSeconds(lastModified);
  return isUnchanged ? now : undefined;
}

async function historyNow({ bucket, key }: BucketObject, { table }: ReconcileOptions): Promise<LedgerRecord[]> {
  const history = await Array.fromAsync(historyOf(table, bucket, key, { order: 'newest-first' }));
  return withoutSuperseded(history, ({ isCertain }) => isCertain);
}

/**
 * What keeps the ledger from taking the current version for it: versions and delete markers on top, which must have been
 * deleted for good since, and records of reconcile that the object was gone, or that this version was deleted. The
 * latter are wrong where S3 hid the version for a while: of uploads in parts, the one begun last is the current version.
 */
function laterThan(
  target: { readonly recorded: LedgerRecord; readonly version: string | undefined },
  newestFirst: readonly LedgerRecord[],
  options: ReconcileOptions,
): readonly LedgerRecord[] {
  const { version } = target;
  const later = newestFirst.filter(
    (record) => isFoundRecord(record) && isVersionDelete(record) && record.version_id === version,
  );
  let history = newestFirst.filter((record) => !later.includes(record));
  for (;;) {
    const state = currentStateOf(history);
    if (state === undefined || isCurrent(target.recorded, state)) return later;
    const { record } = state;
    const isGone = !state.exists && saysThatAllIsGone(record);
    const isTarget = !isGone && namedVersion(record.version_id) === version;
    // With no version left by the ledger, none hides the one that the bucket has.
    if (isTarget || removesOneVersion(record)) return later;
    later.push(record);
    history = isGone
      ? history.filter((other) => other !== record)
      : [toVersionDelete(record, noticedAt(history, options), options.settings), ...history];
  }
}

async function removeLater(
  later: readonly LedgerRecord[],
  history: readonly LedgerRecord[],
  options: ReconcileOptions,
): Promise<void> {
  const { table, settings } = options;
  for (const record of later) {
    if (saysThatAllIsGone(record) || removesOneVersion(record)) await removeFound(record, table);
    else await putIfAbsent(table, toVersionDelete(record, noticedAt(history, options), settings));
  }
}

/** The same upload has one record: that of its wrong place goes, unless a notification wrote it. */
async function replace(recorded: LedgerRecord, by: LedgerRecord, { table }: ReconcileOptions): Promise<void> {
  await putIfAbsent(table, by);
  if (isFoundRecord(recorded)) await removeFound(recorded, table);
}

/** Later than every record, or the object would seem to have changed since. */
function noticedAt(history: readonly LedgerRecord[], { startedAt }: ReconcileOptions): Date {
  const last = Math.max(...history.map(({ timestamp }) => Date.parse(timestamp)));
  return new Date(Math.max(startedAt.getTime(), last + 1));
}
