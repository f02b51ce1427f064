/** One digest: an email on a schedule that summarises everything since the last one. */
export interface DigestProps {
  /** Letters, digits, `-` and `_`, at most 64. A digest with a new name begins with the last 24 hours. */
  readonly name: string;

  /** As in EventBridge Scheduler: `rate(15 minutes)`, or a cron expression of six fields, `cron(0 8 ? * MON-FRI *)`. */
  readonly schedule: string;

  /** IANA time zone of the schedule and of the times in the email. @default UTC */
  readonly timeZone?: string;

  /** 1 to 50 addresses. */
  readonly recipients: readonly string[];

  /**
   * With fewer uploads, the digest waits for its next time, unless something failed, an alert was held back, or its
   * summaries would expire.
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

  /**
   * `deleted`: the rule is about deletes instead of uploads. Deletes by a lifecycle rule and of versions count too.
   * @default uploads
   */
  readonly status?: 'deleted';

  /** Beginning of the key. @default any */
  readonly prefix?: string;

  /** End of the key. @default any */
  readonly suffix?: string;

  /** Smallest size, in bytes. @default any size */
  readonly minimumBytes?: number;

  /** image, video, audio, document, archive, data, code or other. @default any */
  readonly category?: string;

  /** Name of the uploader, exactly as in the record. @default anybody */
  readonly uploader?: string;

  /** `true`: every upload matches. Only without conditions. @default false */
  readonly everything?: true;

  /** IANA time zone of the times in the email. @default UTC */
  readonly timeZone?: string;
}
