import {
  ALERT_MESSAGE,
  type AlertMessage,
  HELD_BACK_MESSAGE,
  type HeldBackMessage,
  MAX_ALERT_MENTIONS,
} from '../contract/alert-message.ts';
import { type Checks, fieldIssues, optional, quoted, settingNameIssue } from '../shared/validation.ts';
import { toEventTime } from './event-record.ts';
import { isObject, type JsonObject, UnreadableMessageError } from './fields.ts';

const ALERT: Checks = {
  uploadLedger: (value) => (value === ALERT_MESSAGE ? undefined : `expected "${ALERT_MESSAGE}", got ${quoted(value)}`),
  id: textIssue,
  rule: settingNameIssue,
  count: numberIssue,
  bytes: numberIssue,
  buckets: (value) => listIssue(value, textIssue),
  mentions: (value) => listIssue(value, mentionIssue),
  since: optional(timeIssue),
};

const HELD_BACK: Checks = {
  uploadLedger: (value) => (value === HELD_BACK_MESSAGE ? undefined : `expected "${HELD_BACK_MESSAGE}"`),
  minute: timeIssue,
};

const MENTION: Checks = {
  bucket: textIssue,
  key: textIssue,
  filesize: numberIssue,
  timestamp: timeIssue,
  uploader: optional(textIssue),
  uploadId: textIssue,
};

function timeIssue(value: unknown): string | undefined {
  const isTime = value !== undefined && toEventTime(value) === value;
  return isTime ? undefined : `expected an ISO 8601 time in UTC with milliseconds, got ${quoted(value)}`;
}

function textIssue(value: unknown): string | undefined {
  return typeof value === 'string' ? undefined : `expected a string, got ${quoted(value)}`;
}

function numberIssue(value: unknown): string | undefined {
  const isCount = Number.isSafeInteger(value) && (value as number) >= 0;
  return isCount ? undefined : `expected a whole number, 0 or more, got ${quoted(value)}`;
}

function listIssue(value: unknown, issueOf: (item: unknown) => string | undefined): string | undefined {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_ALERT_MENTIONS) {
    const came = Array.isArray(value) ? `${value.length}` : quoted(value);
    return `expected an array of 1 to ${MAX_ALERT_MENTIONS}, got ${came}`;
  }
  return value.map(issueOf).find((issue) => issue !== undefined);
}

function mentionIssue(value: unknown): string | undefined {
  return isObject(value) ? fieldIssues(value, MENTION)[0] : `expected an object, got ${quoted(value)}`;
}

/**
 * The alert that a message says. Strict, because the function itself writes it.
 *
 * @throws {UnreadableMessageError} with reason `bad-alert`.
 */
export function parseAlertMessage(fields: JsonObject): AlertMessage {
  const issues = fieldIssues(fields, ALERT);
  if (issues.length > 0) throw new UnreadableMessageError('bad-alert', issues.join('; '));
  const { uploadLedger: _, ...alert } = fields;
  // Checked above, field by field.
  return alert as unknown as AlertMessage;
}

/**
 * The minute whose alerts were held back. As strict.
 *
 * @throws {UnreadableMessageError} with reason `bad-alert`.
 */
export function parseHeldBackMessage(fields: JsonObject): HeldBackMessage {
  const issues = fieldIssues(fields, HELD_BACK);
  if (issues.length > 0) throw new UnreadableMessageError('bad-alert', issues.join('; '));
  return { minute: String(fields.minute) };
}
