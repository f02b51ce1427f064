import { QUARANTINE_DETAIL_LENGTH, type QuarantineReason } from '../contract/quarantine.ts';
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
 * Longest part of a foreign string that an error repeats, in UTF-16 units. Escaped, each may take six characters, and
 * the whole sentence has to stay within QUARANTINE_DETAIL_LENGTH.
 */
const QUOTED_LENGTH = 50;

/**
 * What came, for the second half of "expected X, got Y": `nothing`, `null`, `an array`, `"abc"`.
 *
 * Safe on anything: it never walks into an object (a hostile one is deep), quotes no more than 50 characters, and
 * escapes what a log line or an SQS message attribute cannot hold (controls, lone surrogates, U+FFFE and U+FFFF).
 */
export function described(value: unknown): string {
  switch (typeof value) {
    case 'undefined':
      return 'nothing';
    case 'string':
      return quoted(value);
    case 'object':
      return value === null ? 'null' : Array.isArray(value) ? 'an array' : 'an object';
    default:
      return String(value);
  }
}

function quoted(text: string): string {
  const start = text.slice(0, QUOTED_LENGTH);
  // JSON.stringify escapes controls and lone surrogates, such as half a character where the text was cut.
  const escaped = JSON.stringify(start).replace(/[\u007f-\u009f\ufffe\uffff]/g, escapeUnit);
  return start.length === text.length ? escaped : `${escaped} and ${text.length - start.length} more characters`;
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/**
 * Readers of the few fields that the ledger uses in a foreign payload; everything else in it is ignored.
 *
 * An optional field that is absent, null or empty is absent: senders differ in how they write "none". One of the wrong
 * type makes the event record unreadable, because a guess would stand in the ledger for ever.
 *
 * Each throws {@link UnreadableMessageError} with reason `bad-event-record` that names `path`.
 */
export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function fieldsFrom(value: unknown, path: string): Fields {
  return isFields(value) ? value : unexpected(path, 'an object', value);
}

/** Nested fields that may be missing as a whole, such as `userIdentity`. */
export function optionalFieldsFrom(value: unknown, path: string): Fields {
  return value === undefined || value === null ? {} : fieldsFrom(value, path);
}

/** A string of at least one character, well-formed Unicode: DynamoDB cannot store a lone surrogate. */
export function textFrom(value: unknown, path: string): string {
  if (typeof value !== 'string' || value === '') return unexpected(path, 'a string that is not empty', value);
  return value.isWellFormed() ? value : unexpected(path, 'well-formed Unicode', value);
}

export function optionalTextFrom(value: unknown, path: string): string | undefined {
  return value === undefined || value === null || value === '' ? undefined : textFrom(value, path);
}

/** Bytes: a whole number from 0 to 2^53 - 1, far above S3's largest object. */
export function optionalSizeFrom(value: unknown, path: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  return unexpected(path, 'a whole number of bytes, 0 or more', value);
}

export function unexpected(path: string, expected: string, value: unknown): never {
  throw new UnreadableMessageError('bad-event-record', `expected ${path} to be ${expected}, got ${described(value)}`);
}

/**
 * The JSON value that `text` holds; `what` names the text in the error.
 *
 * @throws {UnreadableMessageError} `empty-body` for nothing but white space, `not-json` for whatever `JSON.parse`
 * refuses, including the RangeError by which an engine gives up on nesting that is too deep.
 */
export function parseJson(text: string, what: string): unknown {
  if (text.trim() === '') throw new UnreadableMessageError('empty-body', `expected ${what} to be JSON, got nothing`);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UnreadableMessageError('not-json', `expected ${what} to be JSON, got ${described(text)}`, { cause });
  }
}
