/**
 * The file beside the function's code that holds its {@link EmailSettings}, as JSON. The stack writes it into the
 * function's asset, where there is room for any number of rules and recipients: an environment holds 4 KB.
 */
export const EMAIL_SETTINGS_FILE = 'email-settings.json';

/**
 * The identities of SES that can verify an address: itself, its domain, and the domain's parents of at least two labels,
 * in lower case.
 *
 * Source: Amazon SES Developer Guide, "Creating and verifying identities in Amazon SES".
 */
export function identitiesOf(address: string): string[] {
  const domain = address.slice(address.indexOf('@') + 1).toLowerCase();
  const labels = domain.split('.');
  return [address, ...labels.slice(1).map((_, at) => labels.slice(at).join('.'))];
}

/**
 * What the stack configures for email. Who gets an email, and what it is about, comes from here alone and never from a
 * message. Checked at synth.
 */
export interface EmailSettings {
  /** Address that digests and alerts come from. */
  readonly sender: string;
  readonly digests: readonly DigestSettings[];
  readonly alerts: readonly AlertRule[];
  /** Alert emails that the stack sends in one UTC minute at most: at least as many as there are rules. */
  readonly alertsPerMinute: number;
  /** Where people look uploads up: emails link to it. Absent: no link. */
  readonly consoleUrl?: string;
}

/** One digest. */
export interface DigestSettings {
  /** Unique among the stack's digests: names the watermark. Letters, digits, `-` and `_`, at most 64. */
  readonly name: string;
  readonly recipients: readonly string[];
  /** IANA time zone for times in the email, such as `Europe/Berlin`. */
  readonly timeZone: string;
  /** Below this many uploads the digest waits for the next tick. */
  readonly minimumUploads: number;
  /**
   * Days since the last digest from which on one is sent whatever the number of uploads, so that no summary expires
   * before a digest has included it. It follows from the schedule.
   */
  readonly maxWaitDays: number;
}

/** One rule for alerts. Conditions that are given must all hold; at least one is. */
export interface AlertRule {
  /** Unique among the stack's alerts. Letters, digits, `-` and `_`, at most 64. */
  readonly name: string;
  readonly recipients: readonly string[];
  /** IANA time zone for times in the email. */
  readonly timeZone: string;
  /** What must have happened. Default: an upload. */
  readonly status?: 'deleted';
  readonly prefix?: string;
  readonly suffix?: string;
  readonly category?: string;
  readonly uploader?: string;
  /** Bytes, inclusive. */
  readonly minimumBytes?: number;
  /** `true`: every upload matches, and no other condition is given. */
  readonly everything?: boolean;
}
