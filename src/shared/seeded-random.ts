/** A source of numbers in [0, 1), like `Math.random`. */
export type Random = () => number;

/**
 * Repeatable pseudo-random numbers: the same seed gives the same sequence on every machine.
 *
 * Mulberry32 (32 bits of state): good enough to shuffle, to draw faults and to make sample files; not for secrets.
 *
 * @param seed Any whole number; only its low 32 bits count.
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One of `choices`, each as likely as the others. */
export function pick<T>(random: Random, choices: readonly [T, ...T[]]): T {
  return choices[Math.floor(random() * choices.length)] ?? choices[0];
}
