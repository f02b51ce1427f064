import { DIGEST_TICK } from '../contract/digest-tick.ts';
import { type Checks, fieldIssues, optional, quoted, settingNameIssue } from '../shared/validation.ts';
import { toEventTime } from './event-record.ts';
import { isObject, type JsonObject, UnreadableMessageError } from './fields.ts';

/**
 * The time to send a digest has come. What EventBridge Scheduler puts into the uploads queue:
 *
 * ```json
 * { "uploadLedger": "digest-tick", "scheduledTime": "<aws.scheduler.scheduled-time>", "digest": { "name": "daily" } }
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
  readonly digestName: string;
}

const TICK: Checks = {
  uploadLedger: (value) => (value === DIGEST_TICK ? undefined : `expected "${DIGEST_TICK}", got ${quoted(value)}`),
  scheduledTime: timeIssue,
  until: optional(timeIssue),
  digest: (value) => (isObject(value) ? undefined : `expected an object, got ${quoted(value)}`),
};

function timeIssue(value: unknown): string | undefined {
  if (toEventTime(value) !== undefined) return undefined;
  return `expected an ISO 8601 time such as 2026-11-22T10:15:00Z, got ${quoted(value)}`;
}

/**
 * The tick that a message says. Strict, because the stack itself writes it: an unknown field is an error, and all
 * errors are reported at once. What is beside the digest's name is left unread: ticks of earlier versions say there who
 * gets the digest, and anybody who can send to the queue could.
 *
 * @throws {UnreadableMessageError} with reason `bad-digest-tick`.
 */
export function parseDigestTick(fields: JsonObject): DigestTick {
  const name = isObject(fields.digest) ? fields.digest.name : undefined;
  const nameIssue = isObject(fields.digest) ? settingNameIssue(name) : undefined;
  const issues = [...fieldIssues(fields, TICK), ...(nameIssue === undefined ? [] : [`digest.name: ${nameIssue}`])];
  const scheduledTime = toEventTime(fields.scheduledTime);
  const until = toEventTime(fields.until);
  if (issues.length > 0 || scheduledTime === undefined) {
    throw new UnreadableMessageError('bad-digest-tick', issues.join('; '));
  }
  return { scheduledTime, ...(until !== undefined && { until }), digestName: String(name) };
}
