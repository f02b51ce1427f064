import { describe, expect, it } from 'vitest';
import { type Item, type PageAnswer, pagesOf } from '../../../src/ledger/read/query.ts';

const item = (name: string): Item => ({ name: { S: name } });
const more = (...names: string[]): PageAnswer => ({ Items: names.map(item), LastEvaluatedKey: item('key') });
const end = (...names: string[]): PageAnswer => ({ Items: names.map(item) });

/** A table that gives `answers` in order and writes down when it is asked. */
function tableOf(answers: readonly (PageAnswer | Error)[]) {
  const events: string[] = [];
  const waiting = [...answers];
  const pages = pagesOf(async (startKey) => {
    events.push(startKey === undefined ? 'first' : `after ${startKey.name?.S}`);
    const answer = waiting.shift();
    if (answer instanceof Error) throw answer;
    return answer ?? {};
  });
  return { events, pages };
}

describe('pagesOf', () => {
  it('fetches a page when it is wanted, from the second on one ahead', async () => {
    const { events, pages } = tableOf([more('a'), more('b'), more('c'), end('d')]);
    expect(events).toEqual([]);
    await pages.next();
    expect(events).toEqual(['first']);
    await pages.next();
    expect(events).toEqual(['first', 'after key', 'after key']);
    await pages.next();
    expect(events).toHaveLength(4);
    expect(await Array.fromAsync(pages)).toEqual([[item('d')]]);
    expect(events).toHaveLength(4);
  });

  it('skips pages without items', async () => {
    const { pages } = tableOf([more(), more('a'), { LastEvaluatedKey: item('key') }, end()]);
    expect(await Array.fromAsync(pages)).toEqual([[item('a')]]);
  });

  it('fails when the failed page is wanted, not while it is read ahead', async () => {
    const { pages } = tableOf([more('a'), more('b'), new Error('throttled')]);
    expect((await pages.next()).value).toEqual([item('a')]);
    expect((await pages.next()).value).toEqual([item('b')]);
    await expect(pages.next()).rejects.toThrow('throttled');
  });

  it('ignores a failure when nobody reads on', async () => {
    const { pages } = tableOf([more('a'), more('b'), new Error('throttled')]);
    await pages.next();
    await pages.next();
    await pages.return(undefined);
    // An unhandled rejection would fail the test run.
    await new Promise((resolve) => setImmediate(resolve));
    expect((await pages.next()).done).toBe(true);
  });
});
