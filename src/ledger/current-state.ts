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
  const search = new StateSearch();
  for await (const record of history) {
    const state = search.add(record);
    if (state !== undefined) return state;
  }
  return search.end();
}

/** {@link currentState} of records that are all here. */
export function currentStateOf(newestFirst: Iterable<LedgerRecord>): ObjectState | undefined {
  const search = new StateSearch();
  for (const record of newestFirst) {
    const state = search.add(record);
    if (state !== undefined) return state;
  }
  return search.end();
}

/** Takes the records of one object, newest first. The null version is undefined. */
class StateSearch {
  /** Versions that later records delete for good. */
  readonly #removed = new Set<string | undefined>();
  /** The last restore of each version. */
  readonly #restored = new Map<string | undefined, LedgerRecord>();
  #lastDelete: LedgerRecord | undefined;
  #gone: { readonly record: LedgerRecord; readonly before: LedgerRecord[] } | undefined;

  /** @returns The state, as soon as no earlier record can change it. */
  add(record: LedgerRecord): ObjectState | undefined {
    if (this.#gone !== undefined) {
      this.#gone.before.push(record);
      return undefined;
    }
    const version = namedVersion(record.version_id);
    if (record.status === 'deleted') this.#lastDelete ??= record;
    if (removesOneVersion(record)) this.#removed.add(version);
    else if (saysThatAllIsGone(record)) this.#gone = { record, before: [] };
    else if (!this.#removed.has(version)) {
      if (record.status === 'deleted') return { exists: false, record };
      if (record.status === 'uploaded') return { exists: true, record: this.#restored.get(version) ?? record };
      if (!this.#restored.has(version)) this.#restored.set(version, record);
    }
    return undefined;
  }

  /** @returns The state when there are no more records. */
  end(): ObjectState | undefined {
    if (this.#gone !== undefined) return this.#endOfGone(this.#gone);
    // Without a creation: an object from before the ledger that was restored, or nothing that is left.
    const [record] = this.#restored.values();
    if (record !== undefined) return { exists: true, record };
    return this.#lastDelete && { exists: false, record: this.#lastDelete };
  }

  /**
   * An object that was found gone is gone, whatever is deleted later. But when the events before tell why, which came
   * late, they are what counts: the marker that hid it may have been removed since.
   */
  #endOfGone({ record, before }: { readonly record: LedgerRecord; readonly before: readonly LedgerRecord[] }) {
    this.#gone = undefined;
    if (currentStateOf(before)?.exists) return { exists: false, record };
    for (const earlier of before) {
      const state = this.add(earlier);
      if (state !== undefined) return state;
    }
    return this.end();
  }
}

/**
 * Whether the record says that one version or one delete marker of an object was deleted for good, by request or by a
 * lifecycle rule. Such a deletion says nothing about the object: it may have been the current version or an old one.
 */
export function isVersionDelete(record: Pick<LedgerRecord, 'event_name' | 'version_id'>): boolean {
  return removesOneVersion(record) && namedVersion(record.version_id) !== undefined;
}

/** Without a version id: of the null version, the only one in a bucket without versions. */
export function removesOneVersion({ event_name }: Pick<LedgerRecord, 'event_name'>): boolean {
  return event_name === 'ObjectRemoved:Delete' || event_name === 'LifecycleExpiration:Delete';
}

/** Of an object that was not in its bucket any more, whatever removed or hid it. */
export function saysThatAllIsGone({ event_name, version_id }: LedgerRecord): boolean {
  return event_name === FOUND_EVENTS.deleted && namedVersion(version_id) === undefined;
}
