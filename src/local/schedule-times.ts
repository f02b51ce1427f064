import { Cron } from 'croner';
import type { CronFields, ScheduleExpression } from '../shared/schedule-expression.ts';
import { instantsOf, wallTime } from './wall-time.ts';

export interface ScheduleTimes {
  readonly expression: ScheduleExpression;
  /** IANA zone that a cron expression is written for. */
  readonly timeZone: string;
  /** When the schedule was made, epoch milliseconds: a rate counts from there. */
  readonly startedAt: number;
}

const LAST = { minutes: 59, hours: 23, dayOfMonth: 31, month: 12, dayOfWeek: 7, year: 2199 } as const;
const NAMES = {
  month: ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'],
  dayOfWeek: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'],
} as const;

/**
 * When a schedule is due next, in epoch milliseconds; undefined: never again.
 *
 * As EventBridge Scheduler does it (user guide, "Schedule types"): a rate is due at once when it is made; a time of day that the
 * clocks skip is skipped, and one that they repeat is due once.
 *
 * @param after Epoch milliseconds, exclusive.
 */
export function nextDue({ expression, timeZone, startedAt }: ScheduleTimes, after: number): number | undefined {
  if (expression.kind === 'rate') {
    const { milliseconds } = expression;
    return startedAt + Math.max(0, Math.floor((after - startedAt) / milliseconds) + 1) * milliseconds;
  }
  // The library is asked about times on the wall, written as UTC: what it does when clocks change differs from Scheduler.
  const cron = new Cron(toPattern(expression.fields), { timezone: 'UTC', mode: '7-part', alternativeWeekdays: true });
  for (let wall = wallTime(after, timeZone); ; ) {
    const next = cron.nextRun(new Date(wall));
    if (next === null) return undefined;
    wall = next.getTime();
    const [due] = instantsOf(wall, timeZone);
    if (due !== undefined && due > after) return due;
  }
}

/** The fields as the library wants them: seconds first, numbers only, and steps with a range. */
function toPattern(fields: CronFields): string {
  const { minutes, hours, dayOfMonth, month, dayOfWeek, year } = fields;
  return [
    '0',
    withRanges(minutes, LAST.minutes),
    withRanges(hours, LAST.hours),
    dayOfMonth === '?' ? '*' : withRanges(dayOfMonth, LAST.dayOfMonth),
    withRanges(numbered(month, NAMES.month), LAST.month),
    toDayOfWeek(numbered(dayOfWeek, NAMES.dayOfWeek)),
    withRanges(year, LAST.year),
  ].join(' ');
}

/** The last day of the week is Saturday, 7; the last Friday of the month, `6L`, is `6#L` to the library. */
function toDayOfWeek(field: string): string {
  if (field === '?') return '*';
  if (field === 'L') return String(LAST.dayOfWeek);
  return withRanges(field.replace(/^(\d)L$/, '$1#L'), LAST.dayOfWeek);
}

function numbered(field: string, names: readonly string[]): string {
  return field.replaceAll(/[A-Z]{3}/g, (name) => String(names.indexOf(name) + 1));
}

/** `5/20` as `5-59/20`. */
function withRanges(field: string, last: number): string {
  return field
    .split(',')
    .map((part) => part.replace(/^(\d+)\//, `$1-${last}/`))
    .join(',');
}
