/** What happens at some time. */
export interface Timed {
  /** Epoch milliseconds. */
  readonly at: number;
  /** Things of one time come in this order. */
  readonly order: number;
}

/** Hands out what was put in, the earliest first. */
export class MinHeap<T extends Timed> {
  readonly #items: T[] = [];

  get first(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    const items = this.#items;
    let at = items.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = items[parent];
      if (above === undefined || isBefore(above, item)) break;
      items[at] = above;
      at = parent;
    }
    items[at] = item;
  }

  pop(): T | undefined {
    const items = this.#items;
    const [first] = items;
    const last = items.pop();
    if (last === undefined || first === last) return first;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const right = left + 1;
      const [l, r] = [items[left], items[right]];
      if (l === undefined) break;
      const [child, below] = r !== undefined && isBefore(r, l) ? [right, r] : [left, l];
      if (isBefore(last, below)) break;
      items[at] = below;
      at = child;
    }
    items[at] = last;
    return first;
  }

  clear(): void {
    this.#items.length = 0;
  }
}

function isBefore(a: Timed, b: Timed): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
