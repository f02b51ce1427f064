import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WebhookRules } from '../../src/dead-letters/webhook-rules.ts';
import { EVENT_PATTERN, matchesEventPattern } from '../../src/local/events/event-pattern.ts';
import { steppedClock } from './dead-letter-queues.ts';

const ARN = 'arn:aws:events:eu-west-1:111122223333:rule/uploads/orders';

/** Rules with one pattern, and how often it was tested. */
function rulesWith(pattern: object) {
  const text = JSON.stringify(pattern);
  const clock = { ...steppedClock(), now: () => 0 };
  let tests = 0;
  const calls = {
    describeRule: async () => ({ arn: ARN, isEnabled: true, pattern: text }),
    testPattern: async (given: string, event: string) => {
      tests += 1;
      return matchesEventPattern(EVENT_PATTERN.parse(JSON.parse(given)), JSON.parse(event));
    },
  };
  const rules = new WebhookRules(calls, { clock });
  return { rules, clock, tests: () => tests };
}

const eventWith = (detail: Readonly<Record<string, unknown>>, resources: readonly string[] = ['table']) => ({
  id: 'id',
  source: 'upload-ledger',
  type: 'UploadRecorded',
  resources,
  detail,
});

describe('the rules of webhooks', () => {
  it('have EventBridge match events once that are equal in what the pattern names', async () => {
    const pattern = {
      resources: ['table'],
      $or: [{ detail: { record: { s3_key: [{ prefix: 'in/' }] } } }, { detail: { redeliver_to: ['orders'] } }],
    };
    const { rules, tests } = rulesWith(pattern);
    const ask = (key: string, redeliver_to: string, resources?: string[]) =>
      rules.refusalOf('orders', eventWith({ id: key, record: { s3_key: 'in/a', size: key }, redeliver_to }, resources));
    expect([await ask('1', 'orders'), await ask('2', 'orders'), tests()]).toEqual([undefined, undefined, 1]);
    expect([await ask('1', 'orders', ['other']), tests()]).toEqual(['not-matched', 2]);
    expect([await ask('1', 'chat'), tests()]).toEqual([undefined, 3]);
  });

  it('never take one event for another that the pattern matches differently', async () => {
    const leaf = fc.constantFrom<unknown>(null, '', 'a', 'ab', 0, 1, true, {}, { b: 'a' }, [], ['a'], [{ b: null }]);
    const detail = fc.record({ a: leaf, b: leaf, c: leaf }, { requiredKeys: [] });
    const wanted = fc.constantFrom<unknown>(
      ['a'],
      [null],
      [{ exists: false }],
      [{ exists: true }],
      [{ prefix: 'a' }],
      [{ 'anything-but': ['a'] }],
      { b: ['a'] },
      { b: [{ exists: true }] },
    );
    const fields = fc.record({ a: wanted, b: wanted }, { requiredKeys: [] });
    const pattern = fc.oneof(
      fields,
      fc.tuple(fields, fields).map(($or) => ({ $or })),
    );
    await fc.assert(
      fc.asyncProperty(pattern, fc.array(detail, { minLength: 2, maxLength: 8 }), async (of, details) => {
        const { rules } = rulesWith({ detail: of });
        for (const one of details) {
          const expected = matchesEventPattern(of, one) ? undefined : 'not-matched';
          expect(await rules.refusalOf('orders', eventWith(one))).toBe(expected);
        }
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it('ask no faster than 25 times a second, after a first second', async () => {
    const { rules, clock, tests } = rulesWith({ detail: { id: [{ exists: true }] } });
    for (let id = 0; id < 100; id += 1) await rules.refusalOf('orders', eventWith({ id }));
    expect(tests()).toBe(100);
    expect(clock.monotonic()).toBe(3000);
  });

  it('keep at most a thousand answers', async () => {
    const { rules, tests } = rulesWith({ detail: { id: [{ exists: true }] } });
    for (let id = 0; id <= 1000; id += 1) await rules.refusalOf('orders', eventWith({ id }));
    await rules.refusalOf('orders', eventWith({ id: 1000 }));
    expect(tests()).toBe(1001);
    await rules.refusalOf('orders', eventWith({ id: 0 }));
    expect(tests()).toBe(1002);
  });
});
