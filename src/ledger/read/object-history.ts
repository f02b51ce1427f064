import { currentState, type ObjectState, removesOneVersion, saysThatAllIsGone } from '../current-state.ts';
import { type LedgerRecord, namedVersion } from '../record.ts';
import type { LedgerReader } from './reader.ts';

/** What is known of one object: its state now, and what happened to it. */
interface ObjectHistory {
  readonly state: ObjectState;
  /** Newest first. */
  readonly records: readonly LedgerRecord[];
  /** Whether there are earlier records than these. */
  readonly isCut: boolean;
}

/**
 * Reads an object's history, newest first, up to `max` records; for its state further, where that is needed.
 *
 * @returns undefined when nothing is recorded.
 */
export async function readObjectHistory(
  reader: Pick<LedgerReader, 'history'>,
  { bucket, key }: { readonly bucket: string; readonly key: string },
  { max, signal }: { readonly max: number; readonly signal?: AbortSignal | undefined },
): Promise<ObjectHistory | undefined> {
  const history = reader.history(bucket, key, { order: 'newest-first', ...(signal && { signal }) });
  try {
    const newest = await take(history, max + 1);
    const state = await currentState(chain(newest, history));
    return state && { state, records: newest.slice(0, max), isCut: newest.length > max };
  } finally {
    await history.return(undefined);
  }
}

async function take<Value>(values: AsyncIterator<Value>, max: number): Promise<Value[]> {
  const taken: Value[] = [];
  while (taken.length < max) {
    const next = await values.next();
    if (next.done) break;
    taken.push(next.value);
  }
  return taken;
}

async function* chain<Value>(first: Iterable<Value>, rest: AsyncIterable<Value>): AsyncGenerator<Value> {
  yield* first;
  yield* rest;
}

/** One version of an object. A bucket without versions has one alone, the null version. */
export interface ObjectVersion {
  /** Absent: the null version. */
  readonly versionId?: string;
  /** Whether a request for the object gets this version, or is told by it that there is none (a delete marker). */
  readonly isCurrent: boolean;
  /** Whether it was deleted for good. */
  readonly isDeleted: boolean;
  /** Newest first. */
  readonly records: readonly LedgerRecord[];
}

/** An object's records by version, the version with the latest record first. */
export function versionsOf({ state, records }: Pick<ObjectHistory, 'state' | 'records'>): readonly ObjectVersion[] {
  const versions = new Map<string | undefined, LedgerRecord[]>();
  for (const record of records) {
    const version = namedVersion(record.version_id);
    const known = versions.get(version);
    if (known === undefined) versions.set(version, [record]);
    else known.push(record);
  }
  const current = namedVersion(state.record.version_id);
  return [...versions].map(([versionId, ofVersion]) => {
    const isDeleted = isGone(ofVersion);
    return {
      ...(versionId !== undefined && { versionId }),
      isCurrent: versionId === current && !isDeleted,
      isDeleted,
      records: ofVersion,
    };
  });
}

/** Whether the last thing that happened to the version, restores apart, was its deletion. */
function isGone(newestFirst: readonly LedgerRecord[]): boolean {
  const last = newestFirst.find(({ status }) => status !== 'restored');
  return last !== undefined && (removesOneVersion(last) || saysThatAllIsGone(last));
}
