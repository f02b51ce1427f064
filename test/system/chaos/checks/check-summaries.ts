import { TABLE } from '../../../../src/contract/table.ts';
import type { ModelItem } from '../model-record.ts';
import type { Violation } from '../violation.ts';

/**
 * Holds the stored summaries against the log: an invocation that says that it recorded something has stored its summary, or the digests
 * undercount. Sums alone would not show it, since batches that come back are summed again.
 */
export function checkSummaries(items: readonly ModelItem[], log: readonly string[]): readonly Violation[] {
  const summarised = new Set(items.filter((item) => 'summary' in item).map(requestIdOf));
  return log
    .filter((line) => line.includes('"message":"Batch recorded"'))
    .map((line) => JSON.parse(line) as { readonly function_request_id: string; readonly stored: number })
    .filter(({ function_request_id, stored }) => stored > 0 && !summarised.has(function_request_id))
    .map(({ function_request_id, stored }) => ({
      what: `invocation ${function_request_id} recorded ${stored} and stored no summary`,
    }));
}

/** What keeps the summaries of one millisecond apart, at the end of their sort keys. */
function requestIdOf(item: ModelItem): string | undefined {
  const key = item[TABLE.sortKey];
  return key !== undefined && 'S' in key ? key.S.split('#').at(-1) : undefined;
}
