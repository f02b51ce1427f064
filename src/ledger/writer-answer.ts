import type { RecordKey } from './record-key.ts';
import { toKeyText } from './send-puts.ts';
import type { PendingPut } from './writer-put.ts';

export interface Answer {
  readonly stored: readonly PendingPut[];
  readonly unprocessed: readonly PendingPut[];
}

/**
 * Says which puts of a call were stored: those that the answer does not name as unprocessed.
 *
 * @throws TypeError when there is no list, or when it names a record that the call did not carry: then nothing is known about any
 *   of them, and a missing result is a failure.
 */
export function toAnswer(call: readonly PendingPut[], unprocessedKeys: readonly RecordKey[]): Answer {
  if (!Array.isArray(unprocessedKeys)) {
    throw new TypeError('Expected a list of unprocessed keys from the call; got none, so nothing counts as stored.');
  }
  const refused = new Set(unprocessedKeys.map(toKeyText));
  const unprocessed = call.filter((put) => refused.has(put.keyText));
  if (unprocessed.length !== refused.size) {
    throw new TypeError(
      'Expected only keys of this call among the unprocessed; got others, so nothing counts as stored.',
    );
  }
  return { stored: call.filter((put) => !refused.has(put.keyText)), unprocessed };
}

/** The two halves of a call that one bad item spoilt. */
export function toHalves(call: readonly PendingPut[]): readonly [readonly PendingPut[], readonly PendingPut[]] {
  const middle = Math.ceil(call.length / 2);
  return [call.slice(0, middle), call.slice(middle)];
}
