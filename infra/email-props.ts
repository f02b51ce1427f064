/** One digest: an email on a schedule that summarises everything since the last one. */
export interface DigestProps {
  /** Letters, digits, `-` and `_`, at most 64. A renamed digest starts again. */
  readonly name: string;

  /** EventBridge Scheduler's `rate(15 minutes)`, or a cron expression of six fields: `cron(0 8 ? * MON-FRI *)`. */
  readonly schedule: string;

  /** IANA time zone of the schedule and of the times in the email. @default UTC */
  readonly timeZone?: string;

  /** 1 to 50 addresses. */
  readonly recipients: readonly string[];

  /**
   * With fewer uploads the digest waits for its next time, unless something failed or its summaries would expire.
   * @default 1
   */
  readonly minimumUploads?: number;
}

/** One alert: an immediate email for each batch with uploads, or deletes, that meet all given conditions, at least one. */
export interface AlertProps {
  /** Letters, digits, `-` and `_`, at most 64. */
  readonly name: string;

  /** 1 to 50 addresses. */
  readonly recipients: readonly string[];

  /** `deleted`: deletes, those of a lifecycle rule and of versions included, instead of uploads. @default uploads */
  readonly status?: 'deleted';

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

  /** `true` instead of conditions: every upload. @default false */
  readonly everything?: true;

  /** IANA time zone of the times in the email. @default UTC */
  readonly timeZone?: string;
}
