const DAY = 24 * 60 * 60 * 1000;

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
  const offsets = [wall - DAY, wall + DAY].map((instant) => wallTime(instant, timeZone) - instant);
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
