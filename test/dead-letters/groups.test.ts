import { describe, expect, it } from 'vitest';
import type { DeadLetter, DeadLetterReason } from '../../src/dead-letters/dead-letter.ts';
import { groupByReason } from '../../src/dead-letters/groups.ts';
import { goodBody, SETTINGS } from './dead-letter-queues.ts';

function deadLetter(id: string, reason: DeadLetterReason, body: string, sentAt?: string): DeadLetter {
  return { id, reason, body, attributes: {}, receives: 1, ...(sentAt !== undefined && { sentAt }) };
}

async function* each(...deadLetters: readonly DeadLetter[]): AsyncGenerator<DeadLetter> {
  yield* deadLetters;
}

describe('groupByReason', () => {
  it('counts by reason, with the oldest as the example and what would succeed today', async () => {
    const groups = await groupByReason(
      each(
        deadLetter('later', 'not-json', goodBody(1), '2026-11-22T10:00:00.000Z'),
        deadLetter('retried', 'retries-used-up', goodBody(2), '2026-11-22T10:00:00.000Z'),
        deadLetter('oldest', 'not-json', 'noise', '2026-11-22T09:00:00.000Z'),
        deadLetter('odd', 'unknown', '{}'),
      ),
      SETTINGS,
    );
    expect(groups).toMatchObject([
      { reason: 'not-json', count: 2, wouldSucceed: 1, example: { id: 'oldest' }, oldest: '2026-11-22T09:00:00.000Z' },
      { reason: 'retries-used-up', count: 1, wouldSucceed: 1, example: { id: 'retried' } },
      { reason: 'unknown', count: 1, wouldSucceed: 0, example: { id: 'odd' } },
    ]);
    expect(groups[2]).not.toHaveProperty('oldest');
    expect(groups.flatMap(({ first }) => first)).toEqual([]);
  });

  it('keeps the first of each reason with their decisions', async () => {
    const noise = ['a', 'b', 'c'].map((id) => deadLetter(id, 'not-json', 'noise'));
    const [group] = await groupByReason(each(...noise), SETTINGS, 2);
    expect(group).toMatchObject({
      count: 3,
      first: [
        { deadLetter: { id: 'a' }, decision: { succeeds: false, reason: 'not-json' } },
        { deadLetter: { id: 'b' }, decision: { succeeds: false } },
      ],
    });
  });
});
