/** Distinct values kept exactly; more of them are rounded, so that any number of values takes bounded memory. */
const EXACT_VALUES = 1000;
const ROUNDED_DIGITS = 3;

/** Statistics as CloudWatch names them; `p99` and the like are percentiles. */
export type Statistic = 'Sum' | 'SampleCount' | 'Average' | 'Minimum' | 'Maximum' | `p${number}`;

/** Many values of one metric: exact in sum, count and extremes; percentiles to three digits when values are many. */
export class Distribution {
  #sum = 0;
  #count = 0;
  #minimum = Number.POSITIVE_INFINITY;
  #maximum = Number.NEGATIVE_INFINITY;
  readonly #counts = new Map<number, number>();

  add(value: number): void {
    this.#sum += value;
    this.#count += 1;
    this.#minimum = Math.min(this.#minimum, value);
    this.#maximum = Math.max(this.#maximum, value);
    this.#keep(value, 1);
  }

  merge(other: Distribution): void {
    this.#sum += other.#sum;
    this.#count += other.#count;
    this.#minimum = Math.min(this.#minimum, other.#minimum);
    this.#maximum = Math.max(this.#maximum, other.#maximum);
    for (const [value, count] of other.#counts) this.#keep(value, count);
  }

  /** @throws RangeError for a percentile outside of 0 to 100. */
  get(statistic: Statistic): number {
    switch (statistic) {
      case 'Sum':
        return this.#sum;
      case 'SampleCount':
        return this.#count;
      case 'Average':
        return this.#sum / this.#count;
      case 'Minimum':
        return this.#minimum;
      case 'Maximum':
        return this.#maximum;
      default:
        return this.#percentile(Number(statistic.slice(1)));
    }
  }

  #keep(value: number, count: number): void {
    const isExact = this.#counts.has(value) || this.#counts.size < EXACT_VALUES;
    const kept = isExact ? value : Number(value.toPrecision(ROUNDED_DIGITS));
    this.#counts.set(kept, (this.#counts.get(kept) ?? 0) + count);
  }

  /** The least value that is not below so many percent of all (nearest rank). */
  #percentile(percent: number): number {
    if (!(percent >= 0 && percent <= 100))
      throw new RangeError(`Expected a percentile of p0 to p100, got p${percent}.`);
    const rank = Math.max(1, Math.ceil((percent / 100) * this.#count));
    let seen = 0;
    for (const [value, count] of [...this.#counts].sort(([a], [b]) => a - b)) {
      seen += count;
      // A rounded value may lie outside of what was measured.
      if (seen >= rank) return Math.min(this.#maximum, Math.max(this.#minimum, value));
    }
    return this.#maximum;
  }
}
