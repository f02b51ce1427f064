/** Which messages of a batch a function's response leaves in the queue. */
export interface Verdict {
  readonly failed: ReadonlySet<string>;
  /** Why the whole batch failed although the function answered. */
  readonly fault?: string;
}

const NONE: Verdict = { failed: new Set() };

/**
 * Reads a partial batch response as Lambda does: nothing at all, or no list, or an empty list, is a complete success; a
 * response that is malformed in any way is a complete failure.
 *
 * Source: Lambda's documentation, "Implementing partial batch responses", success and failure conditions.
 *
 * @param payload JSON text that the function answered.
 * @param messageIds of the batch.
 */
export function judgeResponse(payload: string, messageIds: ReadonlySet<string>): Verdict {
  const wholeBatch = (fault: string): Verdict => ({ failed: messageIds, fault });
  let response: unknown;
  try {
    response = payload === '' ? null : JSON.parse(payload);
  } catch {
    return wholeBatch('The response is not JSON.');
  }
  if (response === null || response === undefined) return NONE;
  if (typeof response !== 'object' || Array.isArray(response)) return wholeBatch('The response is no object.');
  const failures: unknown = (response as { batchItemFailures?: unknown }).batchItemFailures;
  if (failures === undefined || failures === null) return NONE;
  if (!Array.isArray(failures)) return wholeBatch('batchItemFailures is no list.');
  const identifiers = failures.map((failure) => (failure as { itemIdentifier?: unknown } | null)?.itemIdentifier);
  const wrong = identifiers.find((identifier) => typeof identifier !== 'string' || !messageIds.has(identifier));
  if (identifiers.includes(undefined) || wrong !== undefined) {
    return wholeBatch(`batchItemFailures holds ${describe(wrong)}, which identifies no message of the batch.`);
  }
  return { failed: new Set(identifiers as string[]) };
}

function describe(identifier: unknown): string {
  return identifier === undefined ? 'an entry without itemIdentifier' : JSON.stringify(identifier).slice(0, 200);
}
