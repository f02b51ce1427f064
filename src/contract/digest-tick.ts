/** Value of the field `uploadLedger` by which a digest tick is known. */
export const DIGEST_TICK = 'digest-tick';

/**
 * Days after which a stored summary expires, and so how far back a late digest reaches. More than a month, so that a
 * monthly digest is whole.
 */
export const SUMMARY_DAYS = 35;

/** {@link DigestSettings.maxWaitDays} of ticks without it, whose next one may be a month away. */
export const DEFAULT_MAX_WAIT_DAYS = SUMMARY_DAYS - 31;

/**
 * What EventBridge Scheduler puts in the place of this text. Source: its user guide, "Adding context attributes".
 */
const SCHEDULED_TIME = '<aws.scheduler.scheduled-time>';

/** One digest as the team configured it. Travels in the tick message, so that there can be any number. */
export interface DigestSettings {
  /** Unique among the stack's digests: names the watermark. Letters, digits, `-` and `_`, at most 64. */
  readonly name: string;
  readonly recipients: readonly string[];
  /** IANA time zone for times in the email, such as `Europe/Berlin`. Default `UTC`. */
  readonly timeZone: string;
  /** Below this many uploads the digest waits for the next tick. Default 1. */
  readonly minimumUploads: number;
  /**
   * Days since the last digest from which on one is sent whatever the number of uploads, so that no summary expires
   * untold. It follows from the schedule. Ticks of earlier versions do not have it.
   */
  readonly maxWaitDays?: number;
}

/** What a tick says about its digest. */
export type TickSettings = Pick<DigestSettings, 'name' | 'recipients'> & Partial<DigestSettings>;

/** The message that a digest's schedule sends to the uploads queue, as JSON text. */
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
 * The message that sends a digest now, of everything up to `now`. For a stack that is known to be at rest: what is
 * being recorded at that moment is left to the next digest, or may be missed by both.
 *
 * @param now Epoch milliseconds.
 */
export function tickMessageNow(input: string, now: number): string {
  const time = new Date(now).toISOString();
  return JSON.stringify({ ...JSON.parse(input), scheduledTime: time, until: time });
}
