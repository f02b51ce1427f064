import { described } from './described.ts';
import { UnreadableMessageError } from './unreadable.ts';

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
