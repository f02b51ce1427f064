/** Value of the field `uploadLedger` by which a digest tick is known. */
export const DIGEST_TICK = 'digest-tick';

/**
 * Days after which a stored summary expires, and so how far back a late digest reaches. More than a month, so that a
 * monthly digest is whole.
 */
export const SUMMARY_DAYS = 35;

/**
 * What EventBridge Scheduler puts in the place of this text. Source: its user guide, "Adding context attributes".
 */
const SCHEDULED_TIME = '<aws.scheduler.scheduled-time>';

/**
 * The message that a digest's schedule sends to the uploads queue, as JSON text. It has only the digest's name:
 * people who can send to the queue must not decide who gets a digest.
 */
export function digestTickInput(name: string): string {
  return JSON.stringify({ uploadLedger: DIGEST_TICK, scheduledTime: SCHEDULED_TIME, digest: { name } });
}

/**
 * The message that a schedule sends when it is due.
 *
 * @param input The schedule's, as {@link digestTickInput} writes it.
 * @param due Epoch milliseconds. Scheduler writes it to the second.
 */
export function tickMessageAt(input: string, due: number): string {
  return input.replaceAll(SCHEDULED_TIME, new Date(due).toISOString().replace(/\.\d{3}Z$/, 'Z'));
}

/**
 * The message that sends a digest now, of everything up to `now`. For a stack that is known to be at rest: what is
 * being recorded at that moment is left to the next digest, or may be missed by both. Only the function of a local
 * stack obeys it.
 *
 * @param now Epoch milliseconds.
 */
export function tickMessageNow(input: string, now: number): string {
  const time = new Date(now).toISOString();
  return JSON.stringify({ ...JSON.parse(input), scheduledTime: time, until: time });
}
