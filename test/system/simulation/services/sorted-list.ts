/** Items of a chunk before it is cut in two. */
const MAX_CHUNK = 512;

/**
 * A list that stays sorted. Adding to a list of a million items moves some hundred of them, and a page can begin anywhere:
 * what a table, an index or a listing needs.
 */
export class SortedList<T> implements Iterable<T> {
  readonly #compare: (a: T, b: T) => number;
  /** None of them empty. */
  readonly #chunks: T[][] = [];
  #size = 0;

  /** @param compare Must tell any two items of the list apart. */
  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#size;
  }

  add(item: T): void {
    this.#size += 1;
    const last = this.#chunks.at(-1);
    // Most lists grow at their end.
    if (last === undefined || (last.length >= MAX_CHUNK && this.#isLast(item, last))) this.#chunks.push([item]);
    else if (this.#isLast(item, last)) last.push(item);
    else this.#insert(item);
  }

  #isLast(item: T, chunk: readonly T[]): boolean {
    return this.#compare(chunk[chunk.length - 1] as T, item) < 0;
  }

  #insert(item: T): void {
    const isBefore = (other: T) => this.#compare(other, item) < 0;
    const at = this.#chunkOf(isBefore);
    const chunk = this.#chunks[at] ?? [];
    chunk.splice(lowerBound(chunk, isBefore), 0, item);
    if (chunk.length > MAX_CHUNK) this.#chunks.splice(at + 1, 0, chunk.splice(MAX_CHUNK / 2));
  }

  /** The item that compares as equal. */
  find(compareTo: (item: T) => number): T | undefined {
    const chunk = this.#chunks[this.#chunkOf((item) => compareTo(item) < 0)] ?? [];
    const item = chunk[lowerBound(chunk, (other) => compareTo(other) < 0)];
    return item !== undefined && compareTo(item) === 0 ? item : undefined;
  }

  /** @returns Whether it was there. */
  delete(item: T): boolean {
    const isBefore = (other: T) => this.#compare(other, item) < 0;
    const at = this.#chunkOf(isBefore);
    const chunk = this.#chunks[at];
    if (chunk === undefined) return false;
    const place = lowerBound(chunk, isBefore);
    if (chunk[place] !== item) return false;
    chunk.splice(place, 1);
    if (chunk.length === 0) this.#chunks.splice(at, 1);
    this.#size -= 1;
    return true;
  }

  [Symbol.iterator](): Generator<T> {
    return this.ascending(() => false);
  }

  /** From the first item on that is not `isBefore`. The list may not change meanwhile. */
  *ascending(isBefore: (item: T) => boolean): Generator<T> {
    let at = this.#chunkOf(isBefore);
    let place = lowerBound(this.#chunks[at] ?? [], isBefore);
    for (let chunk = this.#chunks[at]; chunk !== undefined; chunk = this.#chunks[++at]) {
      for (; place < chunk.length; place += 1) yield chunk[place] as T;
      place = 0;
    }
  }

  /** Backwards from the last item that `isBefore`. The list may not change meanwhile. */
  *descending(isBefore: (item: T) => boolean): Generator<T> {
    let at = this.#chunkOf(isBefore);
    let place = lowerBound(this.#chunks[at] ?? [], isBefore) - 1;
    for (; at >= 0; at -= 1) {
      const chunk = this.#chunks[at] ?? [];
      for (; place >= 0; place -= 1) yield chunk[place] as T;
      place = (this.#chunks[at - 1]?.length ?? 0) - 1;
    }
  }

  /** Place of the first chunk whose last item is not `isBefore`. */
  #chunkOf(isBefore: (item: T) => boolean): number {
    return lowerBound(this.#chunks, (chunk) => isBefore(chunk[chunk.length - 1] as T));
  }
}

export interface WalkOptions<T> {
  /** Where an item is, compared with the place to begin at. */
  readonly position: (item: T) => number;
  readonly isForward: boolean;
  /** Whether to leave out what is at that place. */
  readonly isAfter: boolean;
}

/** From a place on, in either direction. */
export function walk<T>(list: SortedList<T>, { position, isForward, isAfter }: WalkOptions<T>): Generator<T> {
  const isBefore = (item: T) => (isForward === isAfter ? position(item) <= 0 : position(item) < 0);
  return isForward ? list.ascending(isBefore) : list.descending(isBefore);
}

/** How many of `items` come first and are `isBefore`. */
export function lowerBound<T>(items: readonly T[], isBefore: (item: T) => boolean): number {
  let [from, to] = [0, items.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (isBefore(items[middle] as T)) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** Compares by the bytes of UTF-8, as S3 and DynamoDB do. JavaScript compares the units of UTF-16. */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const [unit, other] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (unit !== other) return rank(unit) - rank(other);
  }
  return a.length - b.length;
}

/** Surrogates are halves of the characters that come after all others. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
