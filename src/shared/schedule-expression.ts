import { DAY_MS, HOUR_MS, MINUTE_MS } from './time.ts';
import { quoted } from './validation.ts';

/** When a schedule is due. Source of the grammar: EventBridge Scheduler user guide, "Schedule types". */
export type ScheduleExpression =
  | { readonly kind: 'rate'; readonly milliseconds: number }
  /** The fields as they are written, in upper case. One of the two days is `?`. */
  | { readonly kind: 'cron'; readonly fields: CronFields };

export interface CronFields {
  readonly minutes: string;
  readonly hours: string;
  readonly dayOfMonth: string;
  readonly month: string;
  readonly dayOfWeek: string;
  readonly year: string;
}

/** Characters of an expression. Source: EventBridge Scheduler API reference, `CreateSchedule`, `ScheduleExpression`. */
const MAX_LENGTH = 256;

const UNITS = { minute: MINUTE_MS, hour: HOUR_MS, day: DAY_MS } as const;

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

interface FieldRule {
  readonly min: number;
  readonly max: number;
  /** Names of the values from `min` on. */
  readonly names?: readonly string[];
  /** Forms that no other field has. */
  readonly special?: RegExp;
}

/** In the order in which they are written. Sundays are 1. */
const FIELDS: Readonly<Record<keyof CronFields, FieldRule>> = {
  minutes: { min: 0, max: 59 },
  hours: { min: 0, max: 23 },
  dayOfMonth: { min: 1, max: 31, special: /^(?:\?|L|(?:[1-9]|[12]\d|3[01])W)$/ },
  month: { min: 1, max: 12, names: MONTHS },
  dayOfWeek: {
    min: 1,
    max: 7,
    names: DAYS,
    special: /^(?:\?|L|(?:[1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)(?:L|#[1-5]))$/,
  },
  year: { min: 1970, max: 2199 },
};

/**
 * Reads an expression of a recurring schedule: `rate(15 minutes)` or `cron(0 8 ? * MON-FRI *)`.
 *
 * Schedules of one time, `at(...)`, are refused: a digest recurs.
 *
 * @returns the expression, or what was expected and what came.
 */
export function readScheduleExpression(value: unknown): ScheduleExpression | string {
  if (typeof value === 'string' && value.length > MAX_LENGTH) {
    const expected = `expected a schedule of at most ${MAX_LENGTH} characters`;
    return `${expected}, got ${value.length}: ranges and steps are shorter than lists`;
  }
  const [, kind, inner = ''] = (typeof value === 'string' && /^(rate|cron)\(([^()]*)\)$/.exec(value)) || [];
  if (kind === 'rate') return readRate(inner) ?? `expected rate(<number> minutes, hours or days), got ${quoted(value)}`;
  if (kind === 'cron') return readCron(inner);
  return `expected a schedule such as rate(15 minutes) or cron(0 8 * * ? *), got ${quoted(value)}`;
}

/**
 * Days within which the schedule is due again for sure, rounded up; Infinity when that can be longer than a week.
 * Where clocks change, a time of day can be skipped once.
 */
export function longestGapDays(expression: ScheduleExpression): number {
  if (expression.kind === 'rate') return Math.ceil(expression.milliseconds / DAY_MS);
  const { dayOfMonth, month, dayOfWeek, year } = expression.fields;
  if (month !== '*' || year !== '*') return Number.POSITIVE_INFINITY;
  if (dayOfMonth === '*' || dayOfWeek === '*') return 1;
  // The last Friday, or the third: once a month.
  const isMonthly = dayOfMonth !== '?' || /#|\dL|[A-Z]{3}L/.test(dayOfWeek);
  return isMonthly ? Number.POSITIVE_INFINITY : 7;
}

export function scheduleIssue(value: unknown): string | undefined {
  const read = readScheduleExpression(value);
  return typeof read === 'string' ? read : undefined;
}

function readRate(text: string): ScheduleExpression | undefined {
  const [, number = '', unit = ''] = /^([1-9]\d{0,5}) (minute|hour|day)s?$/.exec(text) ?? [];
  if (unit === '' || (Number(number) > 1 && !text.endsWith('s'))) return undefined;
  return { kind: 'rate', milliseconds: Number(number) * UNITS[unit as keyof typeof UNITS] };
}

function readCron(text: string): ScheduleExpression | string {
  const values = text.toUpperCase().split(' ');
  const names = Object.keys(FIELDS) as (keyof CronFields)[];
  if (values.length !== names.length) {
    const fieldNames = 'minutes, hours, day of month, month, day of week, year';
    return `expected the 6 fields of a cron expression (${fieldNames}), got ${quoted(text)}`;
  }
  const fields = Object.fromEntries(names.map((name, at) => [name, values[at]])) as unknown as CronFields;
  const wrong = names.find((name) => !isField(fields[name], FIELDS[name]));
  if (wrong !== undefined) return `expected a cron field in place of ${quoted(fields[wrong])}, as ${nameOf(wrong)}`;
  const wide = names.find((name) => stepsOf(fields[name]).some((step) => step > maxStep(FIELDS[name])));
  if (wide !== undefined) {
    return `expected a step of at most ${maxStep(FIELDS[wide])} in ${quoted(fields[wide])}, as ${nameOf(wide)}: a step does not reach into the next field`;
  }
  if ((fields.dayOfMonth === '?') === (fields.dayOfWeek === '?')) {
    return `expected ? in exactly one of day of month and day of week, got ${quoted(text)}`;
  }
  if (!everComes(fields)) return `expected days that the calendar has, got ${quoted(text)}: this schedule is never due`;
  return { kind: 'cron', fields };
}

function isField(text: string, rule: FieldRule): boolean {
  return rule.special?.test(text) === true || text.split(',').every((part) => isPart(part, rule));
}

/** `*`, a value or a range, each with or without a step. */
function isPart(part: string, rule: FieldRule): boolean {
  const [, first = '', last, step] = /^(\*|[A-Z\d]+)(?:-([A-Z\d]+))?(?:\/(\d{1,4}))?$/.exec(part) ?? [];
  if (step !== undefined && Number(step) < 1) return false;
  if (first === '*') return last === undefined;
  const start = numberOf(first, rule);
  const end = last === undefined ? start : numberOf(last, rule);
  return start !== undefined && end !== undefined && start <= end;
}

function numberOf(text: string, { min, max, names = [] }: FieldRule): number | undefined {
  const named = names.indexOf(text);
  if (named >= 0) return min + named;
  const value = /^\d{1,4}$/.test(text) ? Number(text) : -1;
  return value >= min && value <= max ? value : undefined;
}

function stepsOf(text: string): number[] {
  return Array.from(text.matchAll(/\/(\d+)/g), ([, step]) => Number(step));
}

/** EventBridge refuses larger ones: minutes and hours begin at 0, days and months at 1. */
function maxStep({ min, max }: FieldRule): number {
  return min > 1 ? max - min : max;
}

/** Whether some month of some year has such a day: no February has 30 days. */
function everComes({ dayOfMonth, month, dayOfWeek, year }: CronFields): boolean {
  const months = valuesOf(month, FIELDS.month);
  return valuesOf(year, FIELDS.year).some((oneYear) =>
    months.some((oneMonth) => hasDay(new Date(Date.UTC(oneYear, oneMonth, 0)), dayOfMonth, dayOfWeek)),
  );
}

/** @param last Day of a month. */
function hasDay(last: Date, dayOfMonth: string, dayOfWeek: string): boolean {
  const days = last.getUTCDate();
  const [, day = '', week] = /^(.*)#(\d)$/.exec(dayOfWeek) ?? [];
  if (week === '5') {
    // The days after the fourth week are the last ones.
    const weekday = (numberOf(day, FIELDS.dayOfWeek) ?? 0) - 1;
    return (last.getUTCDay() - weekday + 7) % 7 < days - 28;
  }
  if (dayOfMonth === '?' || dayOfMonth === 'L') return true;
  const wanted = valuesOf(dayOfMonth.replace('W', ''), FIELDS.dayOfMonth);
  return wanted.some((one) => one <= days);
}

/** How many values a cron field has: `*`, `1,2`, `8-17`, `0/15`, `MON-FRI`. A special form counts as one. */
export function countValues(field: keyof CronFields, text: string): number {
  const rule = FIELDS[field];
  return rule.special?.test(text) === true ? 1 : valuesOf(text, rule).length;
}

/** The values of a field without special forms. */
function valuesOf(text: string, rule: FieldRule): number[] {
  return text.split(',').flatMap((part) => {
    const [range = '', step] = part.split('/');
    const [first = '', last] = range.split('-');
    const start = numberOf(first, rule) ?? rule.min;
    const isOpen = first === '*' || (step !== undefined && last === undefined);
    const end = isOpen ? rule.max : (numberOf(last ?? first, rule) ?? rule.max);
    const by = Number(step ?? 1);
    return Array.from({ length: Math.floor((end - start) / by) + 1 }, (_, index) => start + index * by);
  });
}

/** `dayOfMonth` as `day of month`. */
function nameOf(field: string): string {
  return field.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
