/** Value of the field `uploadLedger` by which a digest tick is known. */
export const DIGEST_TICK = 'digest-tick';

/**
 * What EventBridge Scheduler puts in the place of this text. Source: its user guide, "Adding context attributes".
 */
export const SCHEDULED_TIME = '<aws.scheduler.scheduled-time>';

/** What a tick says of its digest. */
export interface TickSettings {
  readonly name: string;
  readonly recipients: readonly string[];
  readonly timeZone?: string;
  readonly minimumUploads?: number;
}

/** The message that a digest's schedule sends to the uploads queue, as JSON text. The parser of ticks reads nothing else. */
export function digestTickInput(digest: TickSettings): string {
  return JSON.stringify({ uploadLedger: DIGEST_TICK, scheduledTime: SCHEDULED_TIME, digest });
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
 * The message that sends a digest now, of everything up to `now`. What is being recorded at that moment is left to the next one, or may
 * be missed by both: for a stack that is known to be at rest.
 *
 * @param now Epoch milliseconds.
 */
export function tickMessageNow(input: string, now: number): string {
  const time = new Date(now).toISOString();
  return JSON.stringify({ ...JSON.parse(input), scheduledTime: time, until: time });
}
