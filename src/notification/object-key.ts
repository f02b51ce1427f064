import { described } from './described.ts';
import { unexpected } from './fields.ts';
import { UnreadableMessageError } from './unreadable.ts';

/**
 * How an envelope writes the object's key.
 *
 * - `form`: form-urlencoded, as S3 notifications do ("Event message structure", S3 User Guide): `+` is a space, `%2B` a
 *   plus.
 * - `plain`: as the uploader wrote it. AWS documents no encoding for EventBridge, and `+` and `%` stand there for
 *   themselves.
 */
export type KeyEncoding = 'form' | 'plain';

/**
 * The object's key as the uploader wrote it. No other place decodes keys.
 *
 * @throws {UnreadableMessageError} `bad-event-record` without a key, `key-not-decodable` for a lone `%`, bytes that are
 * not UTF-8, or a lone surrogate. Guessing instead would record an object that does not exist.
 */
export function objectKeyFrom(value: unknown, encoding: KeyEncoding, path: string): string {
  if (typeof value !== 'string' || value === '') return unexpected(path, 'a string that is not empty', value);
  const key = encoding === 'form' ? formDecoded(value) : value;
  if (key?.isWellFormed()) return key;
  const expected = encoding === 'form' ? 'a form-urlencoded key in UTF-8' : 'well-formed Unicode';
  throw new UnreadableMessageError('key-not-decodable', `expected ${path} to be ${expected}, got ${described(value)}`);
}

function formDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
    // Stryker disable next-line BlockStatement: without a value it returns the same.
  } catch (error) {
    // Stryker disable next-line ConditionalExpression: it throws nothing else today.
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
