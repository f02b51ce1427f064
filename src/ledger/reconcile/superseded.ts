import { HOUR_MS, SECOND_MS } from '../../shared/time.ts';
import { currentStateOf, removesOneVersion } from '../current-state.ts';
import { compareEvents } from '../read/history.ts';
import { type LedgerRecord, namedVersion } from '../record.ts';
import { isMultipartETag } from './bucket-object.ts';
import { isFoundRecord } from './found-record.ts';

/**
 * A record that `backfill` or `reconcile` has written, and the record of the notification that came after all: both are
 * of one upload, or of one delete.
 */
export interface Superseded {
  readonly found: LedgerRecord;
  readonly by: LedgerRecord;
  /** Whether the records alone prove it. Otherwise S3 must be asked: see {@link isMultipartETag}. */
  readonly isCertain: boolean;
}

/** How far S3's time of an object and the time of its event may lie apart: their clocks differ by some seconds. */
const MAX_CLOCK_DIFFERENCE_MS = 10 * SECOND_MS;

/**
 * How long after the object's own time the event of its upload may come. S3 gives a multipart upload the time of its
 * beginning, its event has that of its end. Hardly any upload takes longer; after a longer time, equal content is
 * another upload.
 */
const MAX_UPLOAD_TIME_MS = 6 * HOUR_MS;

/**
 * The superseded ones among all records of one object. A notification supersedes one record at most: the one that is
 * nearest to it in time.
 *
 * @param records All of the object, in any order.
 */
export function findSuperseded(records: readonly LedgerRecord[]): Superseded[] {
  const found = records.filter(isFoundRecord);
  if (found.length === 0) return [];
  const told = records.filter((record) => !isFoundRecord(record));
  const [uploads, deletes] = [found.filter(isUpload), found.filter((record) => !isUpload(record))];
  const supersededUploads = nearest(uploads.flatMap((record) => uploadsOf(record, told)));
  // Whether the object was there before a delete, the uploads that stay tell.
  const taken = new Set(supersededUploads.map((superseded) => superseded.found));
  const others = records.filter((record) => !taken.has(record));
  return [...supersededUploads, ...nearest(deletes.flatMap((record) => deletesOf(record, others)))];
}

function isUpload({ status }: LedgerRecord): boolean {
  return status === 'uploaded';
}

/** Of candidates that share a record, the one whose two records are nearest to each other. */
function nearest(candidates: readonly Superseded[]): Superseded[] {
  const nearestFirst = candidates.toSorted((a, b) => distance(a) - distance(b));
  const taken = new Set<LedgerRecord>();
  return nearestFirst.filter(({ found, by }) => {
    if (taken.has(found) || taken.has(by)) return false;
    taken.add(found).add(by);
    return true;
  });
}

/** The records of one object without those that are superseded, as a repair leaves them. */
export function withoutSuperseded(
  records: readonly LedgerRecord[],
  counts: (superseded: Superseded) => boolean,
): LedgerRecord[] {
  const superseded = new Set(
    findSuperseded(records)
      .filter(counts)
      .map(({ found }) => found),
  );
  return records.filter((record) => !superseded.has(record));
}

function distance({ found, by }: Superseded): number {
  return Math.abs(later(found, by));
}

/** Milliseconds from the one to the other. */
function later(from: LedgerRecord, to: LedgerRecord): number {
  return Date.parse(to.timestamp) - Date.parse(from.timestamp);
}

function uploadsOf(found: LedgerRecord, told: readonly LedgerRecord[]): Superseded[] {
  return told.flatMap((by) => {
    if (by.status !== 'uploaded') return [];
    if (found.version_id !== undefined && by.version_id !== undefined) {
      return found.version_id === by.version_id ? [{ found, by, isCertain: true }] : [];
    }
    const hasSameContent =
      found.etag !== undefined && by.etag !== undefined ? found.etag === by.etag : found.filesize === by.filesize;
    const delay = later(found, by);
    if (!hasSameContent || delay < -MAX_CLOCK_DIFFERENCE_MS || delay > MAX_UPLOAD_TIME_MS) return [];
    if (hasChangedBetween(found, by, told)) return [];
    return [{ found, by, isCertain: delay <= MAX_CLOCK_DIFFERENCE_MS }];
  });
}

/**
 * Whether something else happened to the object between the two times: then the one is of an upload before it, the other
 * of an equal one after it. Not so for a multipart upload, which lasts.
 */
function hasChangedBetween(found: LedgerRecord, by: LedgerRecord, told: readonly LedgerRecord[]): boolean {
  const [foundAt, byAt] = [Date.parse(found.timestamp), Date.parse(by.timestamp)];
  if (byAt > foundAt && isMultipartETag(found.etag)) return false;
  return told.some(({ status, timestamp }) => {
    const at = Date.parse(timestamp);
    if (status === 'restored') return false;
    // S3 cuts off the fraction of the second when it says how old an object is.
    return byAt < foundAt ? at > byAt && at < foundAt : at >= foundAt + SECOND_MS && at < byAt;
  });
}

/**
 * The deletes that the record of a delete may be superseded by. One of a delete marker names its version, and so does
 * one of a version that was deleted for good. One of an object that was gone has the time when that was noticed: any
 * delete is the same unless an upload came between.
 */
function deletesOf(found: LedgerRecord, records: readonly LedgerRecord[]): Superseded[] {
  return records.flatMap((by) => {
    if (by.status !== 'deleted' || isFoundRecord(by)) return [];
    if (removesOneVersion(found)) return removesSame(found, by, records) ? [{ found, by, isCertain: true }] : [];
    if (found.version_id !== undefined && removesOneVersion(by)) return [];
    if (found.version_id !== undefined) {
      const isSame = found.version_id === (by.version_id ?? found.version_id);
      return isSame && distance({ found, by, isCertain: true }) <= MAX_CLOCK_DIFFERENCE_MS
        ? [{ found, by, isCertain: true }]
        : [];
    }
    if (later(found, by) > MAX_UPLOAD_TIME_MS) return [];
    const [from, to] = found.timestamp < by.timestamp ? [found, by] : [by, found];
    const others = records.filter((record) => record !== found && record.timestamp <= to.timestamp);
    if (existedAfter(others)) return [];
    const isUploadedBetween = records.some(
      ({ status, timestamp }) => status === 'uploaded' && timestamp > from.timestamp && timestamp < to.timestamp,
    );
    return isUploadedBetween ? [] : [{ found, by, isCertain: true }];
  });
}

/** Whether both say that one version was deleted for good. The null version can be made and deleted again and again. */
function removesSame(found: LedgerRecord, by: LedgerRecord, records: readonly LedgerRecord[]): boolean {
  const version = namedVersion(found.version_id);
  if (!removesOneVersion(by) || namedVersion(by.version_id) !== version) return false;
  if (version !== undefined) return true;
  const [from, to] = found.timestamp < by.timestamp ? [found, by] : [by, found];
  return !records.some(
    ({ status, timestamp, version_id }) =>
      status === 'uploaded' &&
      namedVersion(version_id) === undefined &&
      timestamp > from.timestamp &&
      timestamp < to.timestamp,
  );
}

/** Whether the object was there after these events: then what was deleted was an old version of it, or a marker. */
function existedAfter(records: readonly LedgerRecord[]): boolean {
  return currentStateOf(records.toSorted((a, b) => compareEvents(b, a)))?.exists ?? false;
}

/**
 * Finds the superseded records of many objects while their records stream by: those of one object together, and in the
 * order of their ids, in which the records of backfill and reconcile come first. Keeps the records of the objects that
 * have such a one.
 */
export class SupersededCollector {
  readonly #found: Superseded[] = [];
  #object = '';
  #records: LedgerRecord[] = [];
  #isOfInterest = false;

  add(record: LedgerRecord): void {
    if (record.s3_object !== this.#object) this.#begin(record.s3_object);
    if (isFoundRecord(record)) this.#isOfInterest = true;
    if (this.#isOfInterest || !hasSequencer(record)) this.#records.push(record);
  }

  /** Those of all objects that were added. */
  end(): readonly Superseded[] {
    this.#begin('');
    return this.#found;
  }

  #begin(object: string): void {
    if (this.#isOfInterest) this.#found.push(...findSuperseded(this.#records));
    this.#object = object;
    this.#records = [];
    this.#isOfInterest = false;
  }
}

/** Ids that do not begin with a sequencer begin with a dot, which sorts before all others: see `recordKey`. */
function hasSequencer({ upload_id }: LedgerRecord): boolean {
  return !upload_id.startsWith('.');
}
