import type { AttributeValue, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSummaryText, SUMMARY_ATTRIBUTE } from '../../../src/digest/summary/summary-item.ts';
import { BatchSummaryWriter } from '../../../src/digest/summary/summary-store.ts';
import type { SendPuts } from '../../../src/ledger/write/batch-write.ts';
import { LedgerWriter } from '../../../src/ledger/write/writer.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { SEED } from '../../builders/arbitraries.ts';
import { records } from '../records.ts';

/** What happens to one call. `lost`: it is done, and nobody hears of it; `late`: likewise, and later. */
type Fate = 'stored' | 'refused' | 'lost' | 'late' | { readonly unprocessed: number };

const fate: fc.Arbitrary<Fate> = fc.oneof(
  fc.constantFrom<Fate>('stored', 'refused', 'lost'),
  fc.record({ unprocessed: fc.nat(25) }),
);

/** A table in memory for which each call has a fate; those without one are stored. */
class FatefulTable {
  readonly summaries = new Map<string, string>();
  calls = 0;
  puts = 0;
  readonly #late: Parameters<SendPuts>[0][number][] = [];
  readonly #fates: { readonly calls: readonly Fate[]; readonly put: Fate };

  constructor(calls: readonly Fate[], put: Fate) {
    this.#fates = { calls, put };
  }

  readonly send: SendPuts = async (items) => {
    const fate = this.#fates.calls[this.calls++] ?? 'stored';
    if (fate === 'late') this.#late.push(...items);
    if (fate === 'refused' || fate === 'late') throw new Error('injected');
    const unprocessed = typeof fate === 'object' ? items.slice(0, fate.unprocessed) : [];
    for (const item of items) if (!unprocessed.includes(item)) this.#store(item);
    if (fate === 'lost') throw new Error('injected');
    return unprocessed;
  };

  readonly client = {
    send: async ({ input }: PutItemCommand) => {
      this.puts += 1;
      if (this.#fates.put === 'refused')
        throw Object.assign(new Error('injected'), { $metadata: { httpStatusCode: 400 } });
      this.summaries.set(input.Item?.upload_id?.S ?? '', input.Item?.[SUMMARY_ATTRIBUTE]?.S ?? '');
    },
  } as unknown as DynamoDBClient;

  get uploads(): number {
    return [...this.summaries.values()].reduce((sum, text) => sum + parseSummaryText(text).uploads.count, 0);
  }

  doLateCalls(): void {
    for (const item of this.#late) this.#store(item);
  }

  #store(item: Parameters<SendPuts>[0][number]): void {
    if (!('attributes' in item)) return;
    const attributes: Record<string, AttributeValue> = item.attributes;
    this.summaries.set(item.upload_id, attributes[SUMMARY_ATTRIBUTE]?.S ?? '');
  }
}

const clock = { ...systemClock, random: () => 0 };

/** One batch: its records are put, then its summary is closed with what the writer says of them. */
async function batch(table: FatefulTable, uploads: number, facts = { failed: 0, quarantined: 0 }) {
  const summary = new BatchSummaryWriter({ requestId: 'request-1', clock });
  const writer = new LedgerWriter({
    send: table.send,
    remainingMilliseconds: () => 30_000,
    clock,
    makeRidingItem: summary.makeItem,
  });
  const batch = records(uploads);
  const settled = await Promise.allSettled(batch.map((record) => writer.put(record)));
  const stored = batch.filter((_, at) => settled[at]?.status === 'fulfilled');
  const failed = facts.failed + uploads - stored.length;
  const options = { client: table.client, tableName: 'ledger', clock, deadline: clock.now() + 1_000 };
  await summary.store(stored, { ...facts, failed, heldBack: [], now: clock.now() }, options);
  return stored;
}

describe('BatchSummaryWriter', () => {
  it.each([
    [10, 1],
    [100, 5],
  ])('stores the summary of %i uploads in the calls of the records, %i in all', async (uploads, calls) => {
    const table = new FatefulTable([], 'stored');
    await batch(table, uploads);
    expect(table).toMatchObject({ uploads, calls, puts: 0 });
  });

  it('replaces it under the same key when records were not stored', async () => {
    const table = new FatefulTable(['refused'], 'stored');
    await batch(table, 60);
    const summaries = [...table.summaries.values()].map(parseSummaryText);
    expect(summaries).toMatchObject([
      { uploads: { count: 35 }, failed: 0 },
      { uploads: { count: 0 }, failed: 25 },
    ]);
  });

  it.each([
    { failed: 1, quarantined: 0 },
    { failed: 0, quarantined: 1 },
  ])('adds %j in an item of its own, and does not touch what was stored with the records', async (facts) => {
    const table = new FatefulTable([], 'stored');
    await batch(table, 3, facts);
    expect(table.puts).toBe(1);
    const summaries = [...table.summaries.values()].map(parseSummaryText);
    expect(summaries).toMatchObject([{ uploads: { count: 3 } }, { uploads: { count: 0 }, ...facts }]);
  });

  it('keeps what failed when a call that was given up is done late, and puts the first version back', async () => {
    const table = new FatefulTable(['late'], 'stored');
    await batch(table, 3);
    table.doLateCalls();
    const summaries = [...table.summaries.values()].map(parseSummaryText);
    expect(summaries.reduce((sum, { failed }) => sum + failed, 0)).toBe(3);
  });

  it.each([
    ['that it was in', 60],
    ['that it was in alone, because its records filled the others,', 50],
  ])('stores it when the call %s has failed', async (_, uploads) => {
    const table = new FatefulTable(['stored', 'stored', 'refused'], 'stored');
    expect(await batch(table, uploads)).toHaveLength(50);
    expect(table.uploads).toBe(50);
  });

  it('costs nothing when nothing happened', async () => {
    const table = new FatefulTable([], 'stored');
    await batch(table, 0);
    expect(table).toMatchObject({ calls: 0, puts: 0 });
  });

  it('tells exactly of what was stored, or fails, whatever becomes of the calls, once anything was stored', async () => {
    const scenario = fc.record({
      uploads: fc.integer({ min: 1, max: 80 }),
      calls: fc.array(fate, { maxLength: 6 }),
      put: fc.constantFrom<Fate>('stored', 'stored', 'refused'),
    });
    let failures = 0;
    await fc.assert(
      fc.asyncProperty(scenario, async ({ uploads, calls, put }) => {
        const table = new FatefulTable(calls, put);
        const stored = await batch(table, uploads).catch(() => undefined);
        if (stored === undefined) failures += 1;
        else if (stored.length > 0) expect(table.uploads).toBe(stored.length);
        else expect(table.uploads).toBeLessThanOrEqual(uploads);
        expect(table.summaries.size).toBeLessThanOrEqual(2);
      }),
      { seed: SEED, numRuns: 300 },
    );
    expect(failures).toBeGreaterThan(0);
  });
});
