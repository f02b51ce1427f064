/**
 * Strings the outcomes of `open` for each of `keys` together, in order.
 *
 * A ledger may hold nothing for months, and each day of it has to be asked. So after a key that gave nothing, twice as many keys as
 * before are opened at once, up to `most`; after one that gave something, one at a time again, so that whoever reads only the first
 * records does not pay for more.
 */
export async function* lookAhead<Key, Value>(
  keys: Iterable<Key>,
  open: (key: Key) => AsyncGenerator<Value>,
  most: number,
): AsyncGenerator<Value> {
  const waiting = keys[Symbol.iterator]();
  const opened: Started<Value>[] = [];
  let width = 1;
  try {
    for (;;) {
      openUpTo(width, opened, waiting, open);
      const current = opened[0];
      if (current === undefined) return;
      const gaveSomething = yield* rest(current);
      opened.shift();
      width = gaveSomething ? 1 : Math.min(width * 2, most);
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
    // An error belongs to whoever gets as far as this key; until then it is nobody's.
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
