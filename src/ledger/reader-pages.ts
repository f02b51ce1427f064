import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/** An item in DynamoDB's JSON. */
export type Item = Record<string, AttributeValue>;

/** What a Query or a Scan answers. */
export interface PageAnswer {
  readonly Items?: Item[] | undefined;
  readonly LastEvaluatedKey?: Item | undefined;
}

export interface PageRequest {
  /** Where the last page ended. Absent: from the beginning. */
  readonly startKey?: Item;
  readonly isFirst: boolean;
}

/** Asks for one page. */
export type FetchPage = (request: PageRequest) => Promise<PageAnswer>;

/**
 * The pages of one Query or Scan in order, without empty ones. Nothing is asked for before the first page is wanted; from the second
 * page on, one page is read ahead while the one before is used. Not from the first: that is often all that anybody wants.
 *
 * @throws what `fetch` throws, when the page at fault is wanted.
 */
export async function* pagesOf(fetch: FetchPage): AsyncGenerator<readonly Item[]> {
  let answer = await fetch({ isFirst: true });
  let ahead: Promise<PageAnswer> | undefined;
  for (;;) {
    if (answer.Items !== undefined && answer.Items.length > 0) yield answer.Items;
    if (answer.LastEvaluatedKey === undefined) return;
    answer = await (ahead ?? fetch({ startKey: answer.LastEvaluatedKey, isFirst: false }));
    ahead = fetchAhead(fetch, answer);
  }
}

function fetchAhead(fetch: FetchPage, answer: PageAnswer): Promise<PageAnswer> | undefined {
  if (answer.LastEvaluatedKey === undefined) return undefined;
  const ahead = fetch({ startKey: answer.LastEvaluatedKey, isFirst: false });
  // Whoever stops reading early never asks how this went; whoever goes on gets the error from the promise itself.
  ahead.catch(() => undefined);
  return ahead;
}
