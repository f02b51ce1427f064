import { Cron } from 'croner';
import { tickMessageAt, tickMessageNow } from '../contract/digest-tick.ts';
import type { CronFields, ScheduleExpression } from '../shared/schedule-expression.ts';
import { DAY_MS } from '../shared/time.ts';
import type { ScheduleResource } from './template/resources.ts';

/** Longest that a timer can wait, with room to spare: what is due later is looked at again. */
const LONGEST_WAIT = DAY_MS;

export interface SchedulerOptions {
  readonly schedules: readonly ScheduleResource[];
  /** Sends to a queue by its ARN. */
  readonly send: (queueArn: string, body: string) => Promise<void>;
  /** Told of a tick that the queue did not take. */
  readonly onError?: (error: Error) => void;
}

/** EventBridge Scheduler's part: sends each schedule's message when it is due. Starts at once. */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #timers = new Map<ScheduleResource, NodeJS.Timeout>();

  constructor(options: SchedulerOptions) {
    this.#options = options;
    const startedAt = Date.now();
    for (const schedule of options.schedules) {
      if (schedule.isEnabled) this.#wait(schedule, { ...schedule, startedAt }, startedAt - 1);
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
    for (const { queueArn, input } of schedules) await this.#options.send(queueArn, tickMessageNow(input, Date.now()));
    return schedules.map((schedule) => schedule.name);
  }

  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  #wait(schedule: ScheduleResource, times: ScheduleTimes, after: number): void {
    const due = nextDue(times, after);
    if (due === undefined) return;
    const wait = Math.min(LONGEST_WAIT, Math.max(0, due - Date.now()));
    const timer = setTimeout(() => {
      if (Date.now() < due) return this.#wait(schedule, times, after);
      this.#wait(schedule, times, due);
      void this.#send(schedule, due);
    }, wait);
    this.#timers.set(schedule, timer);
  }

  async #send({ queueArn, input }: ScheduleResource, due: number): Promise<void> {
    try {
      await this.#options.send(queueArn, tickMessageAt(input, due));
    } catch (error) {
      this.#options.onError?.(error instanceof Error ? error : new Error(String(error)));
    }
  }
}

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

const formats = new Map<string, Intl.DateTimeFormat>();

/**
 * What the clocks of a zone show at an instant, as the epoch milliseconds of the same date and time in UTC.
 *
 * @param timeZone IANA.
 * @throws RangeError when the runtime does not know the zone.
 */
export function wallTime(instant: number, timeZone: string): number {
  const parts = formatOf(timeZone).formatToParts(instant);
  const value = (type: string) => Number(parts.find((part) => part.type === type)?.value);
  const date = [value('year'), value('month') - 1, value('day')] as const;
  return Date.UTC(...date, value('hour'), value('minute'), value('second'));
}

/** The instants at which a zone's clocks show `wall`, in order: none when they skip it, two when they show it twice. */
export function instantsOf(wall: number, timeZone: string): readonly number[] {
  // No zone changes its clocks twice within two days.
  const offsets = [wall - DAY_MS, wall + DAY_MS].map((instant) => wallTime(instant, timeZone) - instant);
  const instants = new Set(offsets.map((offset) => wall - offset));
  return [...instants].filter((instant) => wallTime(instant, timeZone) === wall).sort((a, b) => a - b);
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
    hourCycle: 'h23',
  });
  formats.set(timeZone, format);
  return format;
}
