import { UsageError } from '../usage-error.ts';

/**
 * A whole number of 1 or more.
 *
 * @throws UsageError when it is none.
 */
export function parseCount(text: string): number {
  return parseAtLeast(1, text);
}

/**
 * A whole number of 0 or more.
 *
 * @throws UsageError when it is none.
 */
export function parseCountOrNone(text: string): number {
  return parseAtLeast(0, text);
}

function parseAtLeast(least: number, text: string): number {
  const count = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(count) || count < least) {
    throw new UsageError(`Expected a whole number of ${least} or more.`);
  }
  return count;
}
