import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LedgerRecord } from '../../../src/ledger/record.ts';
import { toKeyText } from '../../../src/ledger/record-key.ts';
import type { SendPuts } from '../../../src/ledger/write/batch-write.ts';
import { LedgerWriter } from '../../../src/ledger/write/writer.ts';
import { ledgerRecords, recordsAmong } from '../records.ts';
import { randomClock } from './open-writer.ts';

/** What happens to one call. Positions are taken modulo the call's length. */
type CallFate =
  | { readonly kind: 'stores'; readonly unprocessed: readonly number[] }
  | { readonly kind: 'fails' }
  | { readonly kind: 'answers-nonsense' };

const callFate: fc.Arbitrary<CallFate> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('stores' as const), unprocessed: fc.array(fc.nat(24)) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'fails' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'answers-nonsense' as const }) },
);

/** Which of the records are put, in order: with repetitions, which are duplicates. */
const puts = fc.array(fc.nat(79), { maxLength: 200 });

const RECORDS = ledgerRecords(80);
const recordOf = (index: number) => RECORDS[index] as LedgerRecord;

/** A table that follows a list of fates, then stores everything; items whose index is in `spoilt` it never accepts. */
function faultyTable(fates: readonly CallFate[], spoilt: ReadonlySet<number>) {
  const stored = new Set<string>();
  const calls: (readonly LedgerRecord[])[] = [];
  const send: SendPuts = async (items) => {
    const records = recordsAmong(items);
    calls.push(records);
    if (records.some((record) => spoilt.has(RECORDS.indexOf(record)))) {
      throw Object.assign(new Error('spoilt'), { name: 'ValidationException' });
    }
    const fate = fates[calls.length - 1] ?? { kind: 'stores', unprocessed: [] };
    if (fate.kind === 'fails') throw new Error('injected');
    if (fate.kind === 'answers-nonsense') return undefined as never;
    const refused = new Set(fate.unprocessed.map((position) => records[position % records.length]));
    for (const record of records) if (!refused.has(record)) stored.add(toKeyText(record));
    return records.filter((record) => refused.has(record));
  };
  return { send, stored, calls };
}

const openWriter = (send: SendPuts) =>
  new LedgerWriter({ send, remainingMilliseconds: () => 60_000, clock: randomClock(0) });

describe('LedgerWriter, whatever DynamoDB answers', () => {
  it('resolves exactly the puts that were stored and rejects all others', async () => {
    const scenario = {
      puts,
      fates: fc.array(callFate, { maxLength: 30 }),
      spoilt: fc.array(fc.nat(79), { maxLength: 3 }),
    };
    await fc.assert(
      fc.asyncProperty(fc.record(scenario), async ({ puts: indices, fates, spoilt }) => {
        const table = faultyTable(fates, new Set(spoilt));
        const writer = openWriter(table.send);
        const settled = await Promise.allSettled(indices.map((index) => writer.put(recordOf(index))));
        settled.forEach(({ status }, position) => {
          const isStored = table.stored.has(toKeyText(recordOf(indices[position] ?? -1)));
          expect(status).toBe(isStored ? 'fulfilled' : 'rejected');
        });
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it('gives up for good only on items that DynamoDB does not accept', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.nat(79)), fc.array(fc.nat(79), { maxLength: 5 }), async (indices, spoilt) => {
        const table = faultyTable([], new Set(spoilt));
        const writer = openWriter(table.send);
        const results = await Promise.all(
          indices.map((index) =>
            writer.put(recordOf(index)).then(
              () => 'stored',
              (error) => error.code,
            ),
          ),
        );
        expect(results).toEqual(indices.map((index) => (spoilt.includes(index) ? 'refused-by-dynamodb' : 'stored')));
      }),
      { seed: 2, numRuns: 200 },
    );
  });

  it('never sends more than 25 puts, an empty call or one key twice in a call', async () => {
    await fc.assert(
      fc.asyncProperty(puts, fc.array(callFate, { maxLength: 20 }), async (indices, fates) => {
        const table = faultyTable(fates, new Set());
        const writer = openWriter(table.send);
        await Promise.allSettled(indices.map((index) => writer.put(recordOf(index))));
        for (const call of table.calls) {
          expect(call.length).toBeGreaterThan(0);
          expect(call.length).toBeLessThanOrEqual(25);
          expect(new Set(call.map(toKeyText)).size).toBe(call.length);
        }
      }),
      { seed: 3, numRuns: 200 },
    );
  });

  it('makes one call for each 25 different keys when all are processed', async () => {
    await fc.assert(
      fc.asyncProperty(puts, async (indices) => {
        const table = faultyTable([], new Set());
        const writer = openWriter(table.send);
        await Promise.all(indices.map((index) => writer.put(recordOf(index))));
        const distinct = new Set(indices).size;
        expect(table.calls.length).toBe(Math.ceil(distinct / 25));
        expect(writer.stats).toEqual({
          calls: table.calls.length,
          unprocessedRetries: 0,
          duplicatesCollapsed: indices.length - distinct,
        });
      }),
      { seed: 4, numRuns: 200 },
    );
  });

  it('makes few more calls than it must when a tenth comes back unprocessed', async () => {
    const records = ledgerRecords(3200);
    let seen = 0;
    let calls = 0;
    const writer = openWriter(async (call) => {
      calls += 1;
      return call.filter(() => ++seen % 10 === 0);
    });
    await Promise.all(records.map((record) => writer.put(record)));
    const ideal = Math.ceil(records.length / 0.9 / 25);
    expect(calls).toBeLessThanOrEqual(ideal * 1.05);
  });
});
