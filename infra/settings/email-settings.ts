import type { z } from 'zod';
import { alertRulesFaults } from '../../src/contract/alert-rules.ts';
import { DEFAULTS } from '../../src/contract/defaults.ts';
import { scheduleFault } from '../../src/shared/schedule-expression.ts';
import {
  type Checks,
  EMAIL_SETTINGS,
  fieldFaults,
  isEmailAddress,
  minimumUploadsFault,
  optional,
  quoted,
  recipientsFault,
  repeatedNames,
  settingNameFault,
  timeZoneFault,
} from '../../src/shared/validation.ts';
import { listOf, text, wholeNumber, yesOrNo } from './setting-kinds.ts';

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

/** What one digest's settings are checked by. A zone that does not exist fails at synth, long before an email would. */
const DIGEST: Checks = {
  name: settingNameFault,
  schedule: scheduleFault,
  timeZone: optional(scheduleZoneFault),
  recipients: recipientsFault,
  minimumUploads: optional(minimumUploadsFault),
};

/** More alert emails a minute than SES's sandbox sends in half a day are a mistake. */
const MOST_ALERTS_PER_MINUTE = 1_000;

/** The settings of digests and alerts, for the schema of all settings. */
export const EMAIL = {
  emailSender: text(isEmailAddress, 'must be one plain email address, such as ledger@example.com').exactOptional(),
  digests: listOf<DigestProps>({
    rule: 'must be a list of digests, each with name, schedule and recipients (as JSON on the command line)',
    faults: digestsFaults,
  }).exactOptional(),
  alerts: listOf<AlertProps>({
    rule: `must be a list of at most ${EMAIL_SETTINGS.alertRules} alerts, each with name, recipients and a condition (as JSON on the command line)`,
    faults: (value) => alertRulesFaults(value, timeZoneFault),
  }).exactOptional(),
  alertsPerMinute: wholeNumber({ least: 1, most: MOST_ALERTS_PER_MINUTE }).default(DEFAULTS.alertsPerMinute),
  sesSandbox: yesOrNo().default(DEFAULTS.sesSandbox),
} satisfies Record<string, z.ZodType>;

/** Node also takes offsets (`+01:00`), and zones in any case of letters; EventBridge Scheduler takes the names of IANA's database. */
function scheduleZoneFault(value: unknown): string | undefined {
  const fault = timeZoneFault(value);
  if (fault !== undefined) return fault;
  const name = String(value);
  const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions();
  const isOtherCase = timeZone !== name && timeZone.toLowerCase() === name.toLowerCase();
  if (!isOtherCase && /^[A-Z]/.test(name)) return undefined;
  return `expected an IANA time zone as it is written there, such as Europe/Berlin, got ${quoted(value)}`;
}

function digestsFaults(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return ['it is no list'];
  const faults = value.flatMap((digest, at) => digestFaults(digest).map((fault) => `digest ${at + 1}: ${fault}`));
  return [...faults, ...repeatedNames(value, 'digest')];
}

function digestFaults(digest: unknown): readonly string[] {
  if (typeof digest !== 'object' || digest === null || Array.isArray(digest)) return ['expected an object'];
  return fieldFaults(digest as Readonly<Record<string, unknown>>, DIGEST);
}
