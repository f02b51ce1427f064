import type { QuarantineReason } from '../contract/quarantine.ts';
import { QUARANTINE_DETAIL_LENGTH } from '../contract/quarantine.ts';
import { UploadLedgerError } from '../shared/errors.ts';

/**
 * A message, or one event record of it, that no retry can make readable. The message belongs in the dead-letter queue,
 * with `code` and `detail` beside it.
 */
export class UnreadableMessageError extends UploadLedgerError {
  override readonly name = 'UnreadableMessageError';
  declare readonly code: QuarantineReason;
  /** What was expected and what came: at most {@link QUARANTINE_DETAIL_LENGTH} characters, none that SQS refuses. */
  readonly detail: string;

  constructor(reason: QuarantineReason, detail: string, options?: ErrorOptions) {
    super(reason, `Cannot read the message (${reason}): ${detail}`, options);
    this.detail = detail.slice(0, QUARANTINE_DETAIL_LENGTH).toWellFormed();
  }
}

/**
 * An object of a foreign payload. The read functions below take the few fields that the ledger uses; everything else in
 * it is ignored.
 *
 * An optional field that is absent, null or an empty string is absent: senders differ in how they write "none". One of
 * the wrong type makes the event record unreadable, because a guess would be in the ledger for ever.
 *
 * Each read function throws {@link UnreadableMessageError} with reason `bad-event-record` that names `path`.
 */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function readObject(value: unknown, path: string): JsonObject {
  return isObject(value) ? value : unexpected(path, 'an object', value);
}

/** An object that may be missing as a whole, such as `userIdentity`. */
export function readOptionalObject(value: unknown, path: string): JsonObject {
  return value === undefined || value === null ? {} : readObject(value, path);
}

/** A string of at least one character, well-formed Unicode: DynamoDB cannot store a lone surrogate. */
export function readText(value: unknown, path: string): string {
  if (typeof value !== 'string' || value === '') return unexpected(path, 'a string that is not empty', value);
  return value.isWellFormed() ? value : unexpected(path, 'well-formed Unicode', value);
}

export function readOptionalText(value: unknown, path: string): string | undefined {
  return value === undefined || value === null || value === '' ? undefined : readText(value, path);
}

/** Bytes: a whole number from 0 to 2^53 - 1, far above S3's largest object. */
export function readOptionalSize(value: unknown, path: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  return unexpected(path, 'a whole number of bytes, 0 or more', value);
}

export function unexpected(path: string, expected: string, value: unknown): never {
  const detail = `expected ${path} to be ${expected}, got ${describeValue(value)}`;
  throw new UnreadableMessageError('bad-event-record', detail);
}

/**
 * UTF-16 units of a foreign string that an error repeats. Escaped, each may take six characters, and the whole sentence
 * has to stay within QUARANTINE_DETAIL_LENGTH.
 */
const QUOTED_LENGTH = 50;

/**
 * What came, for the second half of "expected X, got Y": `nothing`, `null`, `an array`, `"abc"`.
 *
 * Safe on anything: it never walks into an object, which may be nested without end, quotes no more than 50 characters,
 * and escapes what a log line or an SQS message attribute cannot hold (controls, lone surrogates, U+FFFE and U+FFFF).
 */
export function describeValue(value: unknown): string {
  switch (typeof value) {
    case 'undefined':
      return 'nothing';
    case 'string':
      return quote(value);
    case 'object':
      return value === null ? 'null' : Array.isArray(value) ? 'an array' : 'an object';
    default:
      return String(value);
  }
}

function quote(text: string): string {
  const start = text.slice(0, QUOTED_LENGTH);
  // JSON.stringify escapes controls and lone surrogates, such as half a character where the text was cut.
  const escaped = JSON.stringify(start).replace(/[\u007f-\u009f\ufffe\uffff]/g, (unit) => {
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return start.length === text.length ? escaped : `${escaped} and ${text.length - start.length} more characters`;
}
