import { hash } from 'node:crypto';

/** Part of the slots that may be taken before their number is doubled. */
const FULLEST = 0.7;

const FIRST_SLOTS = 2 ** 12;

/**
 * Remembers which texts it was given, by 64 bits of a hash each: 12 to 23 bytes a text in plain arrays, however long the texts are, and
 * half as much again while it grows. Ten million take 134 MB, and 201 MB at their greatest.
 *
 * It never forgets one. That it takes one for another has a chance of one in 10^12 with ten million of them.
 */
export class KeySet {
  /** Pairs of 32 bits; a first half of zero is a free slot. */
  // Stryker disable next-line ArithmeticOperator: it grows to what is needed from any size.
  #slots = new Uint32Array(FIRST_SLOTS * 2);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(text: string): void {
    // Stryker disable next-line EqualityOperator: one key later would do as well.
    if (this.#size >= (this.#slots.length / 2) * FULLEST) this.#grow();
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

  /** The slot of the pair, or the free one where it belongs. */
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
    // Stryker disable next-line EqualityOperator: past the end there is nothing, which is left out.
    for (let slot = 0; slot < old.length; slot += 2) {
      const [high = 0, low = 0] = [old[slot], old[slot + 1]];
      // Stryker disable next-line ConditionalExpression: a short cut; a free slot that is put in takes none.
      if (high !== 0) this.#insert(high, low);
    }
  }
}

/** The first half is never zero. SHA-1 serves as a hash that is even and quick, not as a secret. */
function hashOf(text: string): readonly [high: number, low: number] {
  const bytes = hash('sha1', text, 'buffer');
  return [bytes.readUInt32LE(0) || 1, bytes.readUInt32LE(4)];
}
