import type { Mention } from './batch-summary.ts';

/** One alert as the team configured it. Conditions that are given must all hold; at least one is. */
export interface AlertRule {
  /** Unique among the stack's alerts. Letters, digits, `-` and `_`, at most 64. */
  readonly name: string;
  readonly recipients: readonly string[];
  /** IANA time zone for times in the email. Default `UTC`. */
  readonly timeZone: string;
  readonly prefix?: string;
  readonly suffix?: string;
  readonly category?: string;
  readonly uploader?: string;
  /** Bytes, inclusive. */
  readonly minimumBytes?: number;
  /** `true`: every upload matches, and no other condition is given. */
  readonly everything?: boolean;
}

/** What one alert email says: the uploads of one batch that a rule matched. */
export interface Alert {
  readonly rule: AlertRule;
  /** Matching uploads of the batch. */
  readonly count: number;
  readonly bytes: number;
  /** Of all matches, each once, in the order of their first ones by time. */
  readonly buckets: readonly string[];
  /** The first matches by time, bounded. */
  readonly mentions: readonly Mention[];
}
