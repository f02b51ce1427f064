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
import type { AlertProps, DigestProps } from '../email-props.ts';
import { emailAddress, linkUrl, listOf, wholeNumber, yesOrNo } from './setting-kinds.ts';
import { isZoneName } from './time-zones.ts';

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
  if (!Array.isArray(value)) return ['it is not a list'];
  const issues = value.flatMap((digest, index) => digestIssues(digest).map((issue) => `digest ${index + 1}: ${issue}`));
  return [...issues, ...repeatedNames(value, 'digest')];
}

function digestIssues(digest: unknown): readonly string[] {
  if (typeof digest !== 'object' || digest === null || Array.isArray(digest)) return ['expected an object'];
  return fieldIssues(digest as Readonly<Record<string, unknown>>, DIGEST);
}
