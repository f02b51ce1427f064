import { DIGEST_TICK } from '../contract/digest-tick.ts';
import {
  type Checks,
  fieldIssues,
  minimumUploadsIssue,
  optional,
  quoted,
  recipientsIssue,
  settingNameIssue,
  timeZoneIssue,
} from '../shared/validation.ts';
import { eventTimeFrom } from './event-record.ts';
import { type Fields, isFields, UnreadableMessageError } from './fields.ts';

/** One digest as the team configured it. Travels in the tick message, so that there can be any number. */
export interface DigestSettings {
  /** Unique among the stack's digests: names the watermark. Letters, digits, `-` and `_`, at most 64. */
  readonly name: string;
  readonly recipients: readonly string[];
  /** IANA time zone for times in the email, such as `Europe/Berlin`. Default `UTC`. */
  readonly timeZone: string;
  /** Below this many uploads the digest waits for the next tick. Default 1. */
  readonly minimumUploads: number;
}

/**
 * The time to send a digest has come. What EventBridge Scheduler puts into the uploads queue:
 *
 * ```json
 * { "uploadLedger": "digest-tick", "scheduledTime": "<aws.scheduler.scheduled-time>",
 *   "digest": { "name": "daily", "recipients": ["team@example.com"], "timeZone": "UTC", "minimumUploads": 1 } }
 * ```
 *
 * Source of the placeholder: EventBridge Scheduler, "Adding context attributes".
 */
export interface DigestTick {
  /** When the schedule was due: ISO 8601, UTC, with milliseconds. */
  readonly scheduledTime: string;
  /**
   * End of the window instead of the one that follows from the scheduled time, for a stack that is known to be at rest.
   */
  readonly until?: string;
  readonly digest: DigestSettings;
}

const TICK: Checks = {
  uploadLedger: (value) => (value === DIGEST_TICK ? undefined : `expected "${DIGEST_TICK}", got ${quoted(value)}`),
  scheduledTime: timeIssue,
  until: optional(timeIssue),
  digest: (value) => (isFields(value) ? undefined : `expected an object, got ${quoted(value)}`),
};

const SETTINGS: Checks = {
  name: settingNameIssue,
  recipients: recipientsIssue,
  timeZone: optional(timeZoneIssue),
  minimumUploads: optional(minimumUploadsIssue),
};

/** Whether the message is one of ours and no sender's of uploads: then it is a tick or nothing. */
export function isDigestTick(fields: Fields): boolean {
  return 'uploadLedger' in fields;
}

/**
 * The tick that a message says. Strict, because the stack itself writes it: a field that is not known is an issue, and
 * all issues are told at once.
 *
 * Throws {@link UnreadableMessageError} with reason `bad-digest-tick`.
 */
export function parseDigestTick(fields: Fields): DigestTick {
  const settings = isFields(fields.digest) ? fields.digest : undefined;
  const digestIssues = settings === undefined ? [] : fieldIssues(settings, SETTINGS).map((issue) => `digest.${issue}`);
  const issues = [...fieldIssues(fields, TICK), ...digestIssues];
  if (issues.length > 0) throw new UnreadableMessageError('bad-digest-tick', issues.join('; '));
  // Checked above, field by field.
  const digest = settings as unknown as Pick<DigestSettings, 'name' | 'recipients'> & Partial<DigestSettings>;
  // Stryker disable StringLiteral: nobody reads the names, because the times have been checked.
  return {
    scheduledTime: eventTimeFrom(fields.scheduledTime, 'scheduledTime'),
    ...(fields.until !== undefined && { until: eventTimeFrom(fields.until, 'until') }),
    // Stryker restore StringLiteral
    digest: { timeZone: 'UTC', minimumUploads: 1, ...digest },
  };
}

function timeIssue(value: unknown): string | undefined {
  try {
    // Stryker disable next-line StringLiteral: what it throws is told in other words below.
    eventTimeFrom(value, 'time');
    return undefined;
  } catch (error) {
    // Stryker disable next-line ConditionalExpression: it throws nothing else today.
    if (!(error instanceof UnreadableMessageError)) throw error;
    return `expected an ISO 8601 time such as 2026-11-22T10:15:00Z, got ${quoted(value)}`;
  }
}
