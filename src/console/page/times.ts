import { element } from './dom.ts';

/**
 * Times of the ledger are UTC. Beside them the reader's own are shown, except where those are the same.
 */

/** `2026-11-22 10:15:30`, in UTC. */
export function dateTimeText(time: string): string {
  return time.slice(0, 19).replace('T', ' ');
}

/** Sweden writes times as the ledger does. Made once: that takes milliseconds. */
const LOCAL_TIME = new Intl.DateTimeFormat('sv-SE', {
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZoneName: 'short',
});

/** The time in the reader's own zone: `2026-11-22 11:15:30 CET`. */
export function localTimeText(time: string): string {
  return LOCAL_TIME.format(new Date(time));
}

/** The title of a column with times. */
export const TIME_TITLE = isAlwaysUtc() ? 'Time (UTC)' : 'Time (UTC, local)';

/** Whether the reader's zone is UTC all year: London's is only in winter. */
function isAlwaysUtc(): boolean {
  return [0, 6].every((month) => new Date(2026, month).getTimezoneOffset() === 0);
}

/** A time with its date, and the reader's own; where there is no room, it breaks between them. */
export function timeElement(time: string): HTMLElement {
  const [date = '', clock = ''] = dateTimeText(time).split(' ');
  return withLocal(time, [element('span', date), ' ', element('span', clock)]);
}

/** The same in a sentence, where no title says which is which: `2026-11-22 10:15:30 UTC, 11:15:30 local`. */
export function timeInText(time: string): string {
  const local = localClockText(time);
  return `${dateTimeText(time)} UTC${local === undefined ? '' : `, ${local} local`}`;
}

/** The time of day alone, and the reader's own. */
export function clockElement(time: string): HTMLElement {
  return withLocal(time, [time.slice(11, 19)]);
}

function withLocal(time: string, shown: (Node | string)[]): HTMLElement {
  const title = `${dateTimeText(time)} UTC, ${localTimeText(time)} on your clock`;
  const local = localClockText(time);
  return element(
    'span.times',
    { title },
    element('time', { datetime: time }, shown),
    local !== undefined && [' ', element('span.local', local)],
  );
}

/** The time of day in the reader's zone, with the days that its date is off; undefined where it is UTC. */
function localClockText(time: string): string | undefined {
  const utc = new Date(time);
  const offset = utc.getTimezoneOffset();
  if (offset === 0) return undefined;
  const local = new Date(utc.getTime() - offset * 60_000).toISOString();
  const days = Math.sign(Date.parse(local.slice(0, 10)) - Date.parse(time.slice(0, 10)));
  return `${local.slice(11, 19)}${days === 0 ? '' : days > 0 ? ' +1 d' : ' -1 d'}`;
}
