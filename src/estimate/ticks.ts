import { DAYS_A_MONTH } from './workload.ts';

const MINUTES = { minute: 1, hour: 60, day: 24 * 60 } as const;

/**
 * How often a schedule is due in a month of 30 days: exact for rates, at most so often for cron expressions.
 *
 * @param expression `rate(15 minutes)` or `cron(0 8 ? * MON-FRI *)`, as EventBridge Scheduler takes them.
 */
export function ticksAMonth(expression: string): number {
  const [, value, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  if (value !== undefined) {
    return (DAYS_A_MONTH * MINUTES.day) / (Number(value) * MINUTES[unit as keyof typeof MINUTES]);
  }
  const fields = /^cron\((.+)\)$/.exec(expression)?.[1]?.split(/\s+/) ?? [];
  const [minutes = '*', hours = '*', days = '*', , weekdays = '?'] = fields;
  return times(minutes, 60) * times(hours, 24) * daysOf(days, weekdays);
}

function daysOf(days: string, weekdays: string): number {
  if (!/^[*?]$/.test(weekdays)) return (times(weekdays, 7) * DAYS_A_MONTH) / 7;
  return /^[*?]$/.test(days) ? DAYS_A_MONTH : times(days, DAYS_A_MONTH);
}

/** How many values a field stands for: `*`, `1,2`, `8-17`, `0/15`, `MON-FRI`. Words outside of that count as one. */
function times(field: string, all: number): number {
  return field.split(',').reduce((sum, part) => sum + valuesOf(part, all), 0);
}

const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

function valuesOf(part: string, all: number): number {
  const [range = '*', step = '1'] = part.split('/');
  const [first = '*', last] = range.split('-');
  if (first === '*') return Math.ceil(all / Number(step));
  if (last !== undefined) return Math.ceil((numberOf(last) - numberOf(first) + 1) / Number(step));
  return part.includes('/') ? Math.ceil((all - numberOf(first)) / Number(step)) : 1;
}

function numberOf(text: string): number {
  const weekday = WEEKDAYS.indexOf(text.toUpperCase());
  return weekday >= 0 ? weekday : Number(text);
}
