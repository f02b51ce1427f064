import type { z } from 'zod';
import { DEFAULTS } from '../../src/contract/defaults.ts';
import { CATEGORIES } from '../../src/contract/uploads.ts';
import { alertRulesIssues } from '../../src/shared/alert-rules.ts';
import { scheduleIssue } from '../../src/shared/schedule-expression.ts';
import {
  type Checks,
  EMAIL_SETTINGS,
  fieldIssues,
  minimumUploadsIssue,
  optional,
  quoted,
  recipientsIssue,
  repeatedNames,
  settingNameIssue,
  timeZoneIssue,
} from '../../src/shared/validation.ts';
import { emailAddress, linkUrl, listOf, wholeNumber, yesOrNo } from './setting-kinds.ts';
import { isZoneName } from './time-zones.ts';

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

/** A time zone that does not exist is refused at synth, long before an email would fail. */
const DIGEST: Checks = {
  name: settingNameIssue,
  schedule: scheduleIssue,
  timeZone: optional(scheduleZoneIssue),
  recipients: recipientsIssue,
  minimumUploads: optional(minimumUploadsIssue),
};

/** SES's sandbox needs more than half a day for so many: a larger number is probably a mistake. */
const MAX_ALERTS_PER_MINUTE = 1_000;

const DIGESTS_RULE = 'must be a list of digests, each with name, schedule and recipients';
const ALERTS_RULE = `must be a list of at most ${EMAIL_SETTINGS.alertRules} alerts, each with name, recipients and a condition`;

/** The settings of digests and alerts, for the schema of all settings. */
export const EMAIL = {
  emailSender: emailAddress('must be one plain email address, such as ledger@example.com').exactOptional(),
  digests: listOf<DigestProps>(DIGESTS_RULE, listedDigestIssues).exactOptional(),
  alerts: listOf<AlertProps>(ALERTS_RULE, (value) =>
    alertRulesIssues(value, { categories: CATEGORIES, timeZoneIssue }),
  ).exactOptional(),
  alertsPerMinute: wholeNumber({ min: 1, max: MAX_ALERTS_PER_MINUTE }).default(DEFAULTS.alertsPerMinute),
  consoleUrl: linkUrl.exactOptional(),
  sesSandbox: yesOrNo().default(DEFAULTS.sesSandbox),
} satisfies Record<string, z.ZodType>;

/**
 * Node also accepts offsets (`+01:00`) and any case. EventBridge Scheduler accepts only the names of IANA's database.
 */
function scheduleZoneIssue(value: unknown): string | undefined {
  const issue = timeZoneIssue(value);
  if (issue !== undefined || isZoneName(String(value))) return issue;
  return `expected an IANA time zone as it is written there, such as Europe/Berlin, got ${quoted(value)}`;
}

function listedDigestIssues(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return ['it is no list'];
  const issues = value.flatMap((digest, index) => digestIssues(digest).map((issue) => `digest ${index + 1}: ${issue}`));
  return [...issues, ...repeatedNames(value, 'digest')];
}

function digestIssues(digest: unknown): readonly string[] {
  if (typeof digest !== 'object' || digest === null || Array.isArray(digest)) return ['expected an object'];
  return fieldIssues(digest as Readonly<Record<string, unknown>>, DIGEST);
}
