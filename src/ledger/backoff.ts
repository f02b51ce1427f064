/** Milliseconds: the most that the first wait can take. */
const FIRST_WAIT = 50;
/** Milliseconds: the most that any wait can take. */
const LONGEST_WAIT = 5_000;

/**
 * Milliseconds to wait before the next try: anything from nothing to a bound that doubles with each refusal ("full jitter"), so
 * that invocations that were refused together do not come back together.
 *
 * @param refusals 1 or more.
 * @param random A number in [0, 1).
 */
export function fullJitter(refusals: number, random: () => number): number {
  return random() * Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (refusals - 1));
}
