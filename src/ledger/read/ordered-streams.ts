import type { LedgerRecord } from '../record.ts';

/** The order of records by the time of their event. */
export type TimeOrder = 'newest-first' | 'oldest-first';

/** Records in order, a page at a time. Pages are never empty. */
export type PageSource = AsyncIterator<readonly LedgerRecord[]>;

/** A source and the page of it that is being used up. */
interface Lane {
  readonly source: PageSource;
  page: readonly LedgerRecord[];
  position: number;
}

/** Below zero when `a` comes before `b`, oldest first. */
type Compare = (a: LedgerRecord, b: LedgerRecord) => number;

/** By the time of the event. ISO times of one form compare as text. */
export function byTime(a: LedgerRecord, b: LedgerRecord): number {
  return a.timestamp < b.timestamp ? -1 : Number(a.timestamp > b.timestamp);
}

/**
 * Merges sources, each of them in `order`, into one in `order`. All sources are asked for their first pages at once;
 * after that a source is asked when its page is used up. Holds a page of each. Records that compare as equal come from
 * the earlier source first, and records of one source always in that source's own order.
 *
 * @param compare Default: by time.
 */
export async function* mergeInOrder(
  sources: readonly PageSource[],
  order: TimeOrder,
  compare: Compare = byTime,
): AsyncGenerator<LedgerRecord> {
  const inOrder: Compare = order === 'oldest-first' ? compare : (a, b) => compare(b, a);
  try {
    const lanes = await openLanes(sources);
    while (lanes.length > 0) {
      const lane = firstLane(lanes, inOrder);
      yield recordOf(lane);
      lane.position += 1;
      if (lane.position === lane.page.length) await turnPage(lane, lanes);
    }
  } finally {
    await Promise.allSettled(sources.map((source) => source.return?.()));
  }
}

async function openLanes(sources: readonly PageSource[]): Promise<Lane[]> {
  const opened = await Promise.all(sources.map(async (source) => ({ source, first: await source.next() })));
  return opened.flatMap(({ source, first }) => (first.done ? [] : [{ source, page: first.value, position: 0 }]));
}

/** Moves on to the lane's next page, or removes the lane when there is none. */
async function turnPage(lane: Lane, lanes: Lane[]): Promise<void> {
  const next = await lane.source.next();
  if (next.done) {
    lanes.splice(lanes.indexOf(lane), 1);
    return;
  }
  lane.page = next.value;
  lane.position = 0;
}

/**
 * The lane whose record comes next, of one or more. They are few: comparing all is quicker than keeping them sorted.
 */
function firstLane(lanes: readonly Lane[], compare: Compare): Lane {
  return lanes.reduce((first, lane) => (compare(recordOf(lane), recordOf(first)) < 0 ? lane : first));
}

/** There is always one: a lane whose page is used up turns it or is removed. */
function recordOf({ page, position }: Lane): LedgerRecord {
  return page[position] as LedgerRecord;
}

/**
 * The values of `open` for each of `keys`, one key after the other.
 *
 * A ledger may hold nothing for months, and each day of it has to be asked. So after a key without values, twice as
 * many keys as before are opened at once, up to `max`; after one with values, one at a time again, so that callers
 * that read only the first records do not pay for more.
 */
export async function* lookAhead<Key, Value>(
  keys: Iterable<Key>,
  open: (key: Key) => AsyncGenerator<Value>,
  max: number,
): AsyncGenerator<Value> {
  const waiting = keys[Symbol.iterator]();
  const opened: Started<Value>[] = [];
  let width = 1;
  try {
    for (;;) {
      openUpTo(width, opened, waiting, open);
      const current = opened[0];
      if (current === undefined) return;
      const hadValues = yield* rest(current);
      opened.shift();
      width = hadValues ? 1 : Math.min(width * 2, max);
    }
  } finally {
    await Promise.allSettled(opened.map(({ values }) => values.return(undefined)));
  }
}

/** A generator that has been asked for its first value. */
interface Started<Value> {
  readonly values: AsyncGenerator<Value>;
  readonly first: Promise<IteratorResult<Value>>;
}

function openUpTo<Key, Value>(
  width: number,
  opened: Started<Value>[],
  waiting: Iterator<Key>,
  open: (key: Key) => AsyncGenerator<Value>,
): void {
  while (opened.length < width) {
    const next = waiting.next();
    if (next.done) return;
    const values = open(next.value);
    const first = values.next();
    // Handled when the generator is consumed; this only avoids an unhandled rejection.
    first.catch(() => undefined);
    opened.push({ values, first });
  }
}

async function* rest<Value>({ values, first }: Started<Value>): AsyncGenerator<Value, boolean> {
  const head = await first;
  if (head.done) return false;
  yield head.value;
  yield* values;
  return true;
}
