import { UsageError } from '../usage-error.ts';

/**
 * Reads a whole number of a range, both ends included.
 *
 * @throws UsageError from what it returns, when a text is none.
 */
export function parseWholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new UsageError(`Expected a whole number from ${least} to ${most}.`);
  };
}
