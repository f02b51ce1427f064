import { described } from './described.ts';
import { UnreadableMessageError } from './unreadable.ts';

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
