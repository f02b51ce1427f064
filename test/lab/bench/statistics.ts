/** Several measurements of one thing, in short. */
export interface Spread {
  readonly median: number;
  readonly minimum: number;
  readonly maximum: number;
  /** The middle half of the measurements is between these. */
  readonly lowerQuartile: number;
  readonly upperQuartile: number;
}

/** @throws RangeError without values. */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError('Expected at least one measurement; got none.');
  const sorted = values.toSorted((one, other) => one - other);
  const at = (index: number) => sorted[index] ?? Number.NaN;
  const quantile = (share: number) => {
    const place = (sorted.length - 1) * share;
    const before = at(Math.floor(place));
    return before + (at(Math.ceil(place)) - before) * (place % 1);
  };
  return {
    median: quantile(0.5),
    minimum: at(0),
    maximum: at(sorted.length - 1),
    lowerQuartile: quantile(0.25),
    upperQuartile: quantile(0.75),
  };
}

/**
 * The spread of `values[i] / others[i]`: measurements of one round are compared with each other, so that what slows
 * the machine for a while slows both.
 */
export function ratiosOf(values: readonly number[], others: readonly number[]): Spread {
  return spreadOf(values.map((value, round) => value / (others[round] ?? Number.NaN)));
}
