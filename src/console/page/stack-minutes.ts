import type { MinuteView } from '../api-types.ts';

/** The data of one chart, in the form that the plotting library takes: times, then one row a category. */
export interface Stack {
  /** Epoch seconds of the minutes, without a gap, oldest first. */
  readonly minutes: number[];
  /** Row `i` is the sum of categories 0 to `i`: drawn from the last to the first, each leaves its own share visible. */
  readonly sums: number[][];
}

/** The last hour, and the minute that has begun. */
export const MINUTES_SHOWN = 61;

/**
 * Stacks the minutes of the hour before `now` (epoch milliseconds). Minutes without an upload are zero.
 *
 * @param categories How many values each minute has.
 */
export function stackMinutes(
  minutes: readonly MinuteView[],
  values: (minute: MinuteView) => readonly number[],
  categories: number,
  now: number,
): Stack {
  const first = firstMinute(now);
  const times = Array.from({ length: MINUTES_SHOWN }, (_, index) => first + index * 60);
  const known = new Map(minutes.map((minute) => [minute.minute, values(minute)]));
  const sums = Array.from({ length: categories }, () => new Array<number>(MINUTES_SHOWN).fill(0));
  for (const [position, time] of times.entries()) {
    let sum = 0;
    for (const [category, row] of sums.entries()) {
      sum += known.get(time)?.[category] ?? 0;
      row[position] = sum;
    }
  }
  return { minutes: times, sums };
}

/** Epoch seconds of the beginning of the minute that `time` (epoch milliseconds) is in. */
export function minuteOf(time: number): number {
  return Math.floor(time / 60_000) * 60;
}

/** The first minute that is shown at `now` (epoch milliseconds), in epoch seconds. */
export function firstMinute(now: number): number {
  return minuteOf(now) - (MINUTES_SHOWN - 1) * 60;
}

/** The value of category `index` at `position`, not stacked. */
export function shareAt({ sums }: Stack, index: number, position: number): number {
  return (sums[index]?.[position] ?? 0) - (index === 0 ? 0 : (sums[index - 1]?.[position] ?? 0));
}

/** The value of category `index` in all minutes together. */
export function shareInAll(stack: Stack, index: number): number {
  return stack.minutes.reduce((sum, _, position) => sum + shareAt(stack, index, position), 0);
}
