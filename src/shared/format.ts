const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** Whole bytes for people, in decimal units: `0 B`, `999 B`, `1.2 kB`, `3.1 GB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // 999.95 would round to "1000.0": step to the next unit where the rounded figure has outgrown this one. A figure of
  // bytes is whole.
  while (unit < UNITS.length - 1 && value >= 999.95) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`;
}

/** As {@link formatBytes}, with the exact number where that is rounded: `1.2 kB (1,234 bytes)`. */
export function formatExactBytes(bytes: number): string {
  return bytes < 1000 ? formatBytes(bytes) : `${formatBytes(bytes)} (${formatCount(bytes)} bytes)`;
}

/** A whole number with thousands separators: `12,345`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

const PREFIXES = ['', 'k', 'M', 'G', 'T', 'P'] as const;

/** A number in at most three digits, for axes and labels: `0.25`, `950`, `1.5k`, `20.4G`. */
export function formatShort(value: number): string {
  const power = PREFIXES.findLastIndex((_, at) => Math.abs(value) >= 999.5 * 1000 ** (at - 1) && at > 0);
  return `${Number((value / 1000 ** Math.max(0, power)).toPrecision(3))}${PREFIXES[power] ?? ''}`;
}

/** So many of something, in the number that English asks for: `1 upload`, `1,200 uploads`. */
export function formatNumberOf(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** How far a figure has moved, in whole percent: `+12 %`, `-3 %`, `±0 %`. @param before Not 0. */
export function formatChange(now: number, before: number): string {
  const percent = Math.round((now / before - 1) * 100);
  const sign = percent > 0 ? '+' : percent < 0 ? '-' : '±';
  return `${sign}${formatCount(Math.abs(percent))} %`;
}

/** Milliseconds for people: `640 ms`, `3.2 s`, `4 min 10 s`, `15 min`, `3 h 5 min`, `24 h`, `2 d 4 h`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return twoUnits(whole, 60, 'min', 's');
  const minutes = Math.round(whole / 60);
  if (minutes < 48 * 60) return twoUnits(minutes, 60, 'h', 'min');
  return twoUnits(Math.round(minutes / 60), 24, 'd', 'h');
}

/** `4 min 10 s`, and `4 min` where nothing is left over. */
function twoUnits(amount: number, perLarge: number, large: string, small: string): string {
  const rest = amount % perLarge;
  const whole = `${Math.floor(amount / perLarge)} ${large}`;
  return rest === 0 ? whole : `${whole} ${rest} ${small}`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/**
 * Writes an ISO 8601 time for people: `22 Nov 2026, 11:15:30 CET`. The month is a word, so that no reader takes it for
 * the day.
 */
export type TimeFormat = (time: string) => string;

/**
 * The format of times in one zone. Made once an email: loading the runtime's time zones takes tens of milliseconds.
 *
 * @param timeZone IANA name, such as `Europe/Berlin`.
 * @throws RangeError when the runtime does not know the zone.
 */
export function timeFormat(timeZone: string): TimeFormat {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    day: 'numeric',
    month: 'numeric',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
  });
  return (time) => {
    // Put together here: the text between the parts differs between versions of the runtime's data.
    const parts = Object.fromEntries(format.formatToParts(new Date(time)).map(({ type, value }) => [type, value]));
    const { day, month, year, hour, minute, second, timeZoneName } = parts;
    return `${Number(day)} ${MONTHS[Number(month) - 1]} ${year}, ${hour}:${minute}:${second} ${timeZoneName}`;
  };
}

/**
 * From one time to another, the date and the zone once where both are the same: `22 Nov 2026, 11:00:00 to 11:15:00
 * CET`.
 */
export function formatPeriod(since: string, until: string, format: TimeFormat): string {
  const [start, end] = [timeParts(format(since)), timeParts(format(until))];
  if (start.date !== end.date || start.zone !== end.zone) return `${format(since)} to ${format(until)}`;
  return `${start.date}, ${start.time} to ${end.time} ${end.zone}`;
}

function timeParts(formatted: string) {
  const [date, rest] = formatted.split(', ') as [string, string];
  const [time, zone] = rest.split(' ') as [string, string];
  return { date, time, zone };
}
