/** One digest: an email on a schedule that tells of everything since the last one. */
export interface DigestProps {
  /** Letters, digits, `-` and `_`, at most 64. A digest that is renamed starts afresh. */
  readonly name: string;

  /** `rate(15 minutes)`, or a cron expression of six fields such as `cron(0 8 ? * MON-FRI *)`: EventBridge Scheduler's. */
  readonly schedule: string;

  /** IANA time zone of the schedule and of the times in the email. @default UTC */
  readonly timeZone?: string;

  /** 1 to 50 addresses. */
  readonly recipients: readonly string[];

  /** Below so many uploads the digest waits for its next time, unless something failed. @default 1 */
  readonly minimumUploads?: number;
}

/**
 * One alert: an email at once, for each batch that stored uploads which fulfil every condition that is given. At least one is.
 */
export interface AlertProps {
  /** Letters, digits, `-` and `_`, at most 64. */
  readonly name: string;

  /** 1 to 50 addresses. */
  readonly recipients: readonly string[];

  /** What the key begins with. @default any */
  readonly prefix?: string;

  /** What the key ends with. @default any */
  readonly suffix?: string;

  /** Bytes, inclusive. @default any size */
  readonly minimumBytes?: number;

  /** image, video, audio, document, archive, data, code or other. @default any */
  readonly category?: string;

  /** Who uploaded, exactly. @default anybody */
  readonly uploader?: string;

  /** `true`, in place of conditions: every upload. @default false */
  readonly everything?: true;

  /** IANA time zone of the times in the email. @default UTC */
  readonly timeZone?: string;
}
