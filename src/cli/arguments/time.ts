import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, WEEK_MS } from '../../shared/time.ts';
import { ArgumentError } from '../errors.ts';

const EXPECTED = 'a time ago ("15m", "2h", "3d", "1w") or a UTC date or time ("2026-11-01", "2026-11-01T10:00Z")';

const UNITS: Readonly<Record<string, number>> = { s: SECOND_MS, m: MINUTE_MS, h: HOUR_MS, d: DAY_MS, w: WEEK_MS };

const TIME = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)(Z|[+-]\d\d:\d\d)?)?$/i;

/** The beginning or the end of a range. */
type Edge = 'since' | 'until';

/**
 * The time that `text` names. A time without a zone is UTC, as in the ledger. A date is the whole day: its start for
 * `since`, its end for `until`.
 *
 * @throws ArgumentError for anything else.
 */
export function parseWhen(text: string, edge: Edge, now: number): Date {
  const time = timeAgo(text, now) ?? dateOrTime(text, edge);
  if (time === undefined || Number.isNaN(time.getTime())) throw new ArgumentError(EXPECTED);
  return time;
}

/** Milliseconds of a duration such as `90s` or `2m`. @throws ArgumentError for anything else. */
export function parseDuration(text: string): number {
  const milliseconds = durationOf(text);
  if (milliseconds === undefined) throw new ArgumentError('a duration such as "90s" or "2m"');
  return milliseconds;
}

function timeAgo(text: string, now: number): Date | undefined {
  const milliseconds = durationOf(text);
  return milliseconds === undefined ? undefined : new Date(now - milliseconds);
}

function durationOf(text: string): number | undefined {
  const [, count, unit = ''] = /^(\d+)([smhdw])$/i.exec(text) ?? [];
  const milliseconds = UNITS[unit.toLowerCase()];
  return milliseconds === undefined ? undefined : Number(count) * milliseconds;
}

function dateOrTime(text: string, edge: Edge): Date | undefined {
  const [, date, time, zone = 'Z'] = TIME.exec(text) ?? [];
  if (date === undefined || !isDay(date)) return undefined;
  if (time !== undefined) return new Date(`${date}T${time}${zone.toUpperCase()}`);
  const start = Date.parse(`${date}T00:00:00Z`);
  return new Date(edge === 'since' ? start : start + DAY_MS);
}

/** Whether the calendar has this day: for JavaScript, the 31st of November is the 1st of December. */
function isDay(date: string): boolean {
  const time = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(date);
}
