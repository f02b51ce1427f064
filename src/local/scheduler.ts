import { Cron } from 'croner';
import { tickMessageAt, tickMessageNow } from '../contract/digest-tick.ts';
import { systemClock } from '../shared/clock.ts';
import { toError } from '../shared/errors.ts';
import type { CronFields } from '../shared/schedule-expression.ts';
import { DAY_MS } from '../shared/time.ts';
import type { ScheduleResource } from './template/resources.ts';

/** Far below the 25 days that a timer of Node can wait; then the schedule is looked at again. */
const MAX_WAIT_MS = DAY_MS;

export interface SchedulerOptions {
  readonly schedules: readonly ScheduleResource[];
  /** Sends to a queue by its ARN. */
  readonly send: (queueArn: string, body: string) => Promise<void>;
  /** Called when a tick could not be sent. */
  readonly onError?: (error: Error) => void;
}

/** Stands for EventBridge Scheduler: sends each schedule's message when it is due. Starts at once. */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #cancels = new Map<ScheduleResource, () => void>();

  constructor(options: SchedulerOptions) {
    this.#options = options;
    const startedAt = systemClock.now();
    for (const schedule of options.schedules) {
      if (schedule.isEnabled) this.#wait(schedule, startedAt, startedAt - 1);
    }
  }

  /**
   * Sends the digests now, of everything that is recorded by now.
   *
   * @param name One of them only. @default all
   * @returns the names of those whose tick was sent.
   */
  async tickNow(name?: string): Promise<readonly string[]> {
    const schedules = this.#options.schedules.filter((schedule) => name === undefined || schedule.name === name);
    for (const { queueArn, input } of schedules) {
      await this.#options.send(queueArn, tickMessageNow(input, systemClock.now()));
    }
    return schedules.map((schedule) => schedule.name);
  }

  close(): void {
    for (const cancel of this.#cancels.values()) cancel();
  }

  #wait(schedule: ScheduleResource, startedAt: number, after: number): void {
    const due = nextDue(schedule, startedAt, after);
    if (due === undefined) return;
    const waitMs = Math.min(MAX_WAIT_MS, Math.max(0, due - systemClock.now()));
    const cancel = systemClock.after(waitMs, () => {
      if (systemClock.now() < due) return this.#wait(schedule, startedAt, after);
      this.#wait(schedule, startedAt, due);
      void this.#send(schedule, due);
    });
    this.#cancels.set(schedule, cancel);
  }

  async #send({ queueArn, input }: ScheduleResource, due: number): Promise<void> {
    try {
      await this.#options.send(queueArn, tickMessageAt(input, due));
    } catch (error) {
      this.#options.onError?.(toError(error));
    }
  }
}

/**
 * When a schedule is due next, in epoch milliseconds; undefined: never again.
 *
 * As EventBridge Scheduler does it (user guide, "Schedule types"): a rate is due at once when it is made; a time of day
 * that the clocks skip is skipped, and one that they repeat is due once.
 *
 * @param startedAt When the schedule was made, epoch milliseconds: a rate counts from there.
 * @param after Epoch milliseconds, exclusive.
 */
export function nextDue(
  { expression, timeZone }: Pick<ScheduleResource, 'expression' | 'timeZone'>,
  startedAt: number,
  after: number,
): number | undefined {
  if (expression.kind === 'rate') {
    const { milliseconds } = expression;
    return startedAt + Math.max(0, Math.floor((after - startedAt) / milliseconds) + 1) * milliseconds;
  }
  // The library gets the zone's wall-clock times as if they were UTC: where clocks change it does not do as Scheduler
  // does.
  const cron = new Cron(toPattern(expression.fields), { timezone: 'UTC', mode: '7-part', alternativeWeekdays: true });
  const format = wallClockFormat(timeZone);
  for (let wall = wallTime(after, format); ; ) {
    const next = cron.nextRun(new Date(wall));
    if (next === null) return undefined;
    wall = next.getTime();
    const [due] = instantsOf(wall, format);
    if (due !== undefined && due > after) return due;
  }
}

const LAST = { minutes: 59, hours: 23, dayOfMonth: 31, month: 12, dayOfWeek: 7, year: 2199 } as const;
const NAMES = {
  month: ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'],
  dayOfWeek: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'],
} as const;

/** The fields in the library's form: seconds first, numbers only, and steps with a range. */
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
  const parts = field.split(',').map((part) => part.replace(/^(\d+)\//, `$1-${last}/`));
  return parts.join(',');
}

/** @throws RangeError when the runtime does not know the zone. */
function wallClockFormat(timeZone: string): Intl.DateTimeFormat {
  const date = { year: 'numeric', month: 'numeric', day: 'numeric' } as const;
  const time = { hour: 'numeric', minute: 'numeric', second: 'numeric', hourCycle: 'h23' } as const;
  return new Intl.DateTimeFormat('en-GB', { timeZone, ...date, ...time });
}

/** What the clocks of a zone show at an instant, as the epoch milliseconds of the same date and time in UTC. */
function wallTime(instant: number, format: Intl.DateTimeFormat): number {
  const parts = format.formatToParts(instant);
  const value = (type: string) => Number(parts.find((part) => part.type === type)?.value);
  const date = [value('year'), value('month') - 1, value('day')] as const;
  return Date.UTC(...date, value('hour'), value('minute'), value('second'));
}

/** The instants at which the clocks show `wall`, in order: none when they skip it, two when they show it twice. */
function instantsOf(wall: number, format: Intl.DateTimeFormat): readonly number[] {
  // No zone changes its clocks twice within two days.
  const offsets = [wall - DAY_MS, wall + DAY_MS].map((instant) => wallTime(instant, format) - instant);
  const instants = new Set(offsets.map((offset) => wall - offset));
  return [...instants].filter((instant) => wallTime(instant, format) === wall).sort((a, b) => a - b);
}
