/** Value of the field `uploadLedger` by which an alert message is known. */
export const ALERT_MESSAGE = 'alert';

/** Value of the field `uploadLedger` by which the message about alerts that were held back is known. */
export const HELD_BACK_MESSAGE = 'held-back-alerts';

/** Asks for the emails about what was held back in one minute, its only field: all else is in the table and the settings. */
export interface HeldBackMessage {
  /** When the minute began: ISO 8601, UTC, with milliseconds. */
  readonly minute: string;
}

/** Matches that one alert names; it counts all of them. */
export const MAX_ALERT_MENTIONS = 20;

/** An upload, or a delete, that an alert names. Every text in it is untrusted. */
interface AlertMention {
  readonly bucket: string;
  readonly key: string;
  readonly filesize: number;
  /** ISO 8601, UTC, with milliseconds. */
  readonly timestamp: string;
  readonly uploader?: string;
  readonly uploadId: string;
}

/** What a rule matched in one batch, or what was held back of it in one minute. */
export interface AlertMatches {
  readonly count: number;
  readonly bytes: number;
  /** Of all matches, each once, in the order of their first matches by time. */
  readonly buckets: readonly string[];
  /** The first matches by time, at most {@link MAX_ALERT_MENTIONS}. */
  readonly mentions: readonly AlertMention[];
  /** When the minute began whose alerts were held back: ISO 8601, UTC, with milliseconds. `bytes` is then unknown. */
  readonly since?: string;
}

/**
 * An alert that could not be sent at once, as it waits in the uploads queue. It names its rule; who gets it, and what the
 * rule asks for, is in the function's settings.
 */
export interface AlertMessage extends AlertMatches {
  readonly id: string;
  /** Name of the rule. */
  readonly rule: string;
}
