import type { Command } from 'commander';
import { CLOCK_SLACK_MILLISECONDS, type TimeRange } from '../../ledger/read/days.ts';
import type { CliContext } from '../context.ts';
import { UsageError } from '../usage-error.ts';
import { asArgument } from './as-argument.ts';
import { parseWhen } from './when.ts';

/** The time options of a command, as commander gives them. */
export interface RangeOptions {
  /** Inclusive. */
  readonly since?: Date;
  /** Exclusive. */
  readonly until?: Date;
}

/** Adds `--since` and `--until`. */
export function addRangeOptions(command: Command, context: CliContext, sinceDefault: string): Command {
  const when = (edge: 'since' | 'until') => asArgument((text) => parseWhen(text, edge, context.now()));
  return command
    .optionsGroup('When (15m, 2h, 3d or 1w ago, or in UTC 2026-11-01 or 2026-11-01T10:00):')
    .option('--since <when>', `from then on (default: ${sinceDefault})`, when('since'))
    .option('--until <when>', 'before then; a date counts as a whole day (default: now)', when('until'));
}

/**
 * The range that `options` ask for; without a beginning, `defaultMilliseconds` before its end.
 *
 * @throws UsageError when it ends before it begins.
 */
export function toRange({ since, until }: RangeOptions, now: Date, defaultMilliseconds: number): TimeRange {
  const begin = since ?? new Date((until ?? now).getTime() - defaultMilliseconds);
  const end = until ?? new Date(Math.max(now.getTime(), begin.getTime()) + CLOCK_SLACK_MILLISECONDS);
  if (begin >= end) {
    throw new UsageError(`--since (${begin.toISOString()}) must be before --until (${end.toISOString()})`);
  }
  return { since: begin, until: end };
}
