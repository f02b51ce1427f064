import { FOUND_EVENTS, type LedgerRecord, namedVersion } from './record.ts';

/** What the ledger knows of an object now. */
export interface ObjectState {
  /** Whether there is an object: a current version that is no delete marker. */
  readonly exists: boolean;
  /** The record that says so: the latest of the current version, or the one that hid or deleted the object. */
  readonly record: LedgerRecord;
}

/**
 * The current state of an object, by S3's rules for versions (User Guide, "How S3 Versioning works", "Managing delete
 * markers"): the current version is the one created last, among those that were not deleted for good. When it is a
 * delete marker, there is no object. So the deletion of an old version changes nothing, that of a marker brings the
 * object back, and that of the current version brings back the one before. In a bucket without versions every upload
 * replaces the null version, and a delete removes it.
 *
 * Only what S3 tells can be known. Either answer can be right where the ledger has no order or no id to go by:
 * - two versions without a sequencer that have the same time;
 * - a version that was found in its bucket by a listing, which has no version ids: the deletion of an id that no record
 *   has may be that version's, or that of one from before the ledger. It is taken for the latter, and `reconcile`
 *   notices when the object is gone;
 * - versions from before the ledger: they would come back when every recorded one is deleted.
 *
 * @param history Newest first, as `historyOf` gives it. Read only as far as needed.
 * @returns undefined when nothing is recorded.
 */
export async function currentState(
  history: AsyncIterable<LedgerRecord> | Iterable<LedgerRecord>,
): Promise<ObjectState | undefined> {
  const removed = new Set<string | undefined>();
  const restored = new Map<string | undefined, LedgerRecord>();
  let lastDelete: LedgerRecord | undefined;
  for await (const record of history) {
    const version = namedVersion(record.version_id);
    if (record.status === 'deleted') lastDelete ??= record;
    if (removesOneVersion(record)) removed.add(version);
    else if (saysThatAllIsGone(record)) return { exists: false, record };
    else if (removed.has(version)) continue;
    else if (record.status === 'deleted') return { exists: false, record };
    else if (record.status === 'uploaded') return { exists: true, record: restored.get(version) ?? record };
    else if (!restored.has(version)) restored.set(version, record);
  }
  // Without a creation: an object from before the ledger that was restored, or nothing that is left.
  const [record] = restored.values();
  if (record !== undefined) return { exists: true, record };
  return lastDelete && { exists: false, record: lastDelete };
}

/**
 * Whether the record says that one version or one delete marker of an object was deleted for good, by request or by a
 * lifecycle rule. Such a deletion says nothing about the object: it may have been the current version or an old one.
 */
export function isVersionDelete(record: Pick<LedgerRecord, 'event_name' | 'version_id'>): boolean {
  return removesOneVersion(record) && namedVersion(record.version_id) !== undefined;
}

/** Without a version id: of the null version, the only one in a bucket without versions. */
function removesOneVersion({ event_name }: Pick<LedgerRecord, 'event_name'>): boolean {
  return event_name === 'ObjectRemoved:Delete' || event_name === 'LifecycleExpiration:Delete';
}

/** Of an object that was not in its bucket any more, whatever removed or hid it. */
function saysThatAllIsGone({ event_name, version_id }: LedgerRecord): boolean {
  return event_name === FOUND_EVENTS.deleted && namedVersion(version_id) === undefined;
}
