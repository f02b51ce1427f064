import type { Spread } from '../statistics.ts';
import { type Ratio, type Target, WITH_DIGESTS } from './ratios.ts';
import { toNumber } from './table.ts';

/**
 * How a figure stands to its target. Rounds scatter, most of all on a machine that is busy with other things:
 *
 * - `held`: the median of the rounds reaches it.
 * - `within scatter`: the median does not, and a quarter of the rounds do.
 * - `missed`: three quarters of the rounds do not.
 */
export type Verdict = 'held' | 'within scatter' | 'missed';

/** Undefined where there is nothing to judge: no target, or no measurement. */
export function verdictOf({ spread, target }: Pick<Ratio, 'spread' | 'target'>): Verdict | undefined {
  if (target === undefined || spread === null) return undefined;
  if (reaches(spread.median, target)) return 'held';
  return reaches(betterQuartile(spread, target), target) ? 'within scatter' : 'missed';
}

function reaches(value: number, target: Target): boolean {
  return 'atLeast' in target ? value >= target.atLeast : value <= target.atMost;
}

function betterQuartile(spread: Spread, target: Target): number {
  return 'atLeast' in target ? spread.upperQuartile : spread.lowerQuartile;
}

/** One row of a table: the function with digests, which is judged, and without, where both were measured. */
export interface JudgedRow {
  readonly what: string;
  readonly judged: Ratio;
  readonly without?: Ratio;
  readonly verdict: Verdict | undefined;
}

/** A function with digests is in the same row as the one without. */
export function judge(ratios: readonly Ratio[]): readonly JudgedRow[] {
  return ratios
    .filter(({ name }) => !name.endsWith(WITH_DIGESTS))
    .map((without) => {
      const withDigests = ratios.find(({ name }) => name === `${without.name}${WITH_DIGESTS}`);
      const judged = withDigests ?? without;
      return { what: without.what, judged, verdict: verdictOf(judged), ...(withDigests && { without }) };
    });
}

/** What the run missed, in sentences for a document. */
export function missedText(rows: readonly JudgedRow[]): string {
  const named = (verdict: Verdict) =>
    rows.filter((row) => row.verdict === verdict).map(({ what, judged }) => `${what} (${toDeviation(judged)})`);
  const [missed, scattered] = [named('missed'), named('within scatter')];
  if (missed.length + scattered.length === 0) return 'Every target is held in this run.\n';
  return [
    ...(missed.length > 0 ? [`Missed in this run: ${missed.join('; ')}.\n`] : []),
    ...(scattered.length > 0
      ? [`Missed by the median, and reached in a quarter of the rounds: ${scattered.join('; ')}.\n`]
      : []),
  ].join('\n');
}

function toDeviation({ spread, target }: Ratio): string {
  return `${toNumber(spread?.median ?? Number.NaN)}, held to ${toGoal(target)}`;
}

export function toGoal(target: Target | undefined): string {
  if (target === undefined) return '';
  return 'atLeast' in target ? `at least ${toNumber(target.atLeast)}` : `at most ${toNumber(target.atMost)}`;
}
