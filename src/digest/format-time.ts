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
    // Put together here: what stands between the parts changes from one version of the runtime's data to the next.
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
