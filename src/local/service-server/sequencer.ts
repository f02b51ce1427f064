/** Bits that count the changes of one millisecond. */
const COUNTER_BITS = 16n;

/**
 * Sequencers of S3's shape: 18 upper-case hexadecimal digits that only grow, from one start of the stack to the next as
 * well, because the milliseconds since 1970 stand in front.
 *
 * @param now Milliseconds since 1970.
 */
export function sequencerSource(now: () => number): () => string {
  let last = 0n;
  return () => {
    const earliest = BigInt(Math.floor(now())) << COUNTER_BITS;
    last = earliest > last ? earliest : last + 1n;
    return last.toString(16).toUpperCase().padStart(18, '0');
  };
}
