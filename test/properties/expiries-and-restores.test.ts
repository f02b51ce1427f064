import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryStack } from './memory-stack.ts';

const FIXTURE = path.resolve(import.meta.dirname, '../fixtures/cases/expiry-and-restore.json');

const MESSAGES: readonly { readonly Records: readonly unknown[] }[] = JSON.parse(readFileSync(FIXTURE, 'utf8'));

const EVENTS = MESSAGES.flatMap(({ Records }) => Records);

/** What the table must hold: of each record its key, status, uploader, size and day. */
const EXPECTED = [
  ['lc/expired.txt', 'uploaded', 'alice', 1234, '2026-11-07'],
  ['lc/expired.txt', 'deleted', 's3.amazonaws.com', undefined, '2026-11-09'],
  ['lc/same-message.txt', 'uploaded', 'alice', 1234, '2026-11-07'],
  ['lc/same-message.txt', 'deleted', 's3.amazonaws.com', undefined, '2026-11-09'],
  ['lc/restored-twice.bin', 'uploaded', 'alice', 1234, '2026-11-07'],
  ['lc/restored-twice.bin', 'restored', 'AmazonCustomer:A2EXAMPLE', 1234, '2026-11-15'],
  ['lc/restored-twice.bin', 'restored', 'AmazonCustomer:A2EXAMPLE', 1234, '2026-11-25'],
] as const;

/** How events come: in which order, how many to a message, how many messages to a batch, and which twice. */
const deliveries = fc.record({
  order: fc.shuffledSubarray(EVENTS, { minLength: EVENTS.length }),
  again: fc.subarray(EVENTS, { maxLength: 3 }),
  eventsAMessage: fc.integer({ min: 1, max: EVENTS.length }),
  messagesABatch: fc.integer({ min: 1, max: EVENTS.length }),
});

describe('expiries and restores, which carry the sequencer of the creation', () => {
  it('never replace a record, in whatever order, messages and batches the events come', async () => {
    await fc.assert(
      fc.asyncProperty(deliveries, async ({ order, again, eventsAMessage, messagesABatch }) => {
        const stack = new MemoryStack();
        const events = [...order, ...again];
        for (let start = 0; start < events.length; start += eventsAMessage) {
          stack.send(JSON.stringify({ Records: events.slice(start, start + eventsAMessage) }));
        }
        const batch = Array.from({ length: messagesABatch }, (_, place) => place);
        while (stack.waiting > 0) await stack.deliver(batch, { calls: [], deadLettersDown: false, dies: false });
        expect(stack.spoiltCalls).toBe(0);
        expect(rowsOf(stack)).toEqual(EXPECTED.map((row) => JSON.stringify(row)).sort());
      }),
      { seed: 20, numRuns: 500 },
    );
  });
});

function rowsOf(stack: MemoryStack): string[] {
  return stack.records
    .map(({ s3_key, status, uploader, filesize, timestamp }) =>
      JSON.stringify([s3_key, status, uploader, filesize, timestamp.slice(0, 10)]),
    )
    .sort();
}
