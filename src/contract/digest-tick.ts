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
