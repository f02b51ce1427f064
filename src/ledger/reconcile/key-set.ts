import { hash } from 'node:crypto';

/** Part of the slots that may be taken before their number is doubled. */
const MAX_LOAD = 0.7;

const INITIAL_LENGTH = 8192;

/**
 * A set of texts that keeps 64 bits of a hash of each: 12 to 23 bytes a text in plain arrays, however long the texts
 * are, and half as much again while it grows. Ten million take 134 MB, and 201 MB at most.
 *
 * It never forgets a text. With ten million of them, the chance that it has one that was not added is one in 10^12.
 */
export class KeySet {
  /** Pairs of 32 bits; a first half of zero is a free slot. */
  #slots = new Uint32Array(INITIAL_LENGTH);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(text: string): void {
    // Stryker disable next-line EqualityOperator: one key later would be fine as well.
    if (this.#size >= (this.#slots.length / 2) * MAX_LOAD) this.#grow();
    const [high, low] = hashOf(text);
    if (this.#insert(high, low)) this.#size += 1;
  }

  has(text: string): boolean {
    const [high, low] = hashOf(text);
    return this.#slots[this.#find(high, low)] === high;
  }

  #insert(high: number, low: number): boolean {
    const slot = this.#find(high, low);
    if (this.#slots[slot] === high) return false;
    this.#slots[slot] = high;
    this.#slots[slot + 1] = low;
    return true;
  }

  /** The slot of the pair, or the free one where it would be. */
  #find(high: number, low: number): number {
    const slots = this.#slots;
    const count = slots.length / 2;
    for (let index = low % count; ; index = (index + 1) % count) {
      const slot = index * 2;
      if (slots[slot] === 0 || (slots[slot] === high && slots[slot + 1] === low)) return slot;
    }
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Uint32Array(old.length * 2);
    // Stryker disable next-line EqualityOperator: past the end there are only free slots.
    for (let slot = 0; slot < old.length; slot += 2) {
      const [high = 0, low = 0] = [old[slot], old[slot + 1]];
      // Stryker disable next-line ConditionalExpression: a shortcut: inserting a free slot changes nothing.
      if (high !== 0) this.#insert(high, low);
    }
  }
}

/** The first half is never zero. SHA-1 is used because it is fast and evenly distributed, not for security. */
function hashOf(text: string): readonly [high: number, low: number] {
  const bytes = hash('sha1', text, 'buffer');
  return [bytes.readUInt32LE(0) || 1, bytes.readUInt32LE(4)];
}
