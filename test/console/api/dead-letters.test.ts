import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deadLettersView, exportDeadLetters } from '../../../src/console/api/dead-letters.ts';
import { toDeadLetterFilters } from '../../../src/console/api/parameters.ts';
import { type DeadLetterQueues, goodBody, openQueues } from '../../dead-letters/dead-letter-queues.ts';
import { type SqsServer, startSqs } from '../../dead-letters/sqs-server.ts';

let sqs: SqsServer;
let made = 0;

beforeAll(async () => {
  sqs = await startSqs();
});
afterAll(() => sqs.close());

const { signal } = new AbortController();
const filters = (query: string) => toDeadLetterFilters(new URLSearchParams(query));
/** Two of one reason, one of another. */
async function filled(): Promise<DeadLetterQueues> {
  const queues = await openQueues(sqs, `console-${made++}`);
  await queues.send(queues.deadLetters, 'noise 1', { reason: 'not-json', detail: 'no JSON' });
  await queues.send(queues.deadLetters, 'noise 2', { reason: 'not-json', detail: 'no JSON' });
  await queues.send(queues.deadLetters, goodBody(1), { reason: 'bad-event-record' });
  return queues;
}

describe('deadLettersView', () => {
  it.each([
    ['', 'not-json 2, bad-event-record 1'],
    ['reason=not-json', 'not-json 2'],
    ['text=noise+2', 'not-json 1'],
    ['text=no+JSON', 'not-json 2'],
    ['text=file-1.txt&reason=not-json', ''],
    ['since=1970-01-02', 'not-json 2, bad-event-record 1'],
    ['until=1970-01-02', ''],
  ])('shows the messages that match "%s", of all that it looked at', async (query, expected) => {
    const view = await deadLettersView((await filled()).redriveOptions(), filters(query), signal);
    expect(view.groups.map(({ reason, count }) => `${reason} ${count}`).join(', ')).toBe(expected);
    expect(view).toMatchObject({ looked: 3, isCut: false });
  });

  it.each(['reason=bad', 'since=soon', 'since=2026-11-02&until=2026-11-01'])('refuses "%s"', (query) => {
    expect(() => filters(query)).toThrow(/^Expected /);
  });
});

describe('exportDeadLetters', () => {
  it('writes the whole messages that match, and gives them back', async () => {
    const queues = await filled();
    const lines = await Array.fromAsync(exportDeadLetters(queues.redriveOptions(), filters('text=noise+2'), signal));
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { reason: 'not-json', detail: 'no JSON', body: 'noise 2' },
    ]);
    expect(await queues.bodies(queues.deadLetters)).toHaveLength(3);
  });
});
