import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  Batch,
  BatchAssembler,
  type HeldMessage,
  parseBatchResponse,
  toPayload,
} from '../../../src/local/poller/batch.ts';

const SIX_MB = 6 * 1024 * 1024;

function message(id: string, overrides: Partial<HeldMessage> = {}): HeldMessage {
  const json = JSON.stringify({ messageId: id });
  return {
    id,
    receiptHandle: `handle of ${id}`,
    json,
    bytes: json.length,
    visibleAt: Date.now() + 600_000,
    ...overrides,
  };
}

/** A record of exactly so many bytes, with characters of three bytes each. */
function messageOfBytes(id: string, bytes: number): HeldMessage {
  const frame = Buffer.byteLength(JSON.stringify({ id, text: '' }));
  const text = '€'.repeat(Math.floor((bytes - frame) / 3)) + 'x'.repeat((bytes - frame) % 3);
  const json = JSON.stringify({ id, text });
  return message(id, { json, bytes: Buffer.byteLength(json) });
}

function messages(count: number): HeldMessage[] {
  return Array.from({ length: count }, (_, index) => message(`m${index}`));
}

/** An assembler that reads `queue` as SQS gives it, ten at a time, and notes its calls. */
function assemblerOf(
  queue: HeldMessage[],
  options: { batchSize: number; batchWindowSeconds?: number; marginMs?: number; perReceive?: number },
) {
  const calls: { max: number; waitSeconds: number }[] = [];
  let late = 0;
  const assembler = new BatchAssembler({
    batchWindowSeconds: 0,
    marginMs: 1000,
    ...options,
    receive: async (max, waitSeconds) => {
      calls.push({ max, waitSeconds });
      return queue.splice(0, Math.min(max, options.perReceive ?? 10));
    },
    onLate: (count) => {
      late += count;
    },
  });
  const collectIds = async () => (await assembler.collect()).map(({ id }) => id);
  return { assembler, calls, collectIds, late: () => late };
}

describe('a batch', () => {
  it('is never larger than an event may be, by the bytes of its JSON text', () => {
    const batch = new Batch(10_000);
    while (batch.add(messageOfBytes(`m${batch.messages.length}`, 250_000)));
    const payload = Buffer.byteLength(toPayload(batch.messages));
    expect(payload).toBeLessThanOrEqual(SIX_MB);
    expect(payload + 250_001).toBeGreaterThan(SIX_MB);
  });

  it('takes what fits to the last byte', () => {
    const batch = new Batch(10);
    const frame = '{"Records":[,]}'.length;
    expect(batch.add(messageOfBytes('first', 1000))).toBe(true);
    expect(batch.add(messageOfBytes('too large', SIX_MB - 1000 - frame + 1))).toBe(false);
    expect(batch.add(messageOfBytes('fitting', SIX_MB - 1000 - frame))).toBe(true);
    expect(Buffer.byteLength(toPayload(batch.messages))).toBe(SIX_MB);
  });

  it('takes a message that is too large alone, rather than hold it for ever', () => {
    const batch = new Batch(10);
    expect(batch.add(messageOfBytes('huge', SIX_MB + 1))).toBe(true);
    expect(batch.add(message('next'))).toBe(false);
  });

  it('holds a message that came twice once, with its latest receipt', () => {
    const batch = new Batch(2);
    batch.add(message('a', { receiptHandle: 'old' }));
    batch.add(message('b'));
    expect(batch.add(message('a', { receiptHandle: 'new' }))).toBe(true);
    expect(batch.messages.map(({ receiptHandle }) => receiptHandle)).toEqual(['new', 'handle of b']);
  });

  it('is an event of records', () => {
    expect(JSON.parse(toPayload(messages(2)))).toEqual({ Records: [{ messageId: 'm0' }, { messageId: 'm1' }] });
  });
});

describe('assembling a batch', () => {
  it.each([
    [1, 1],
    [10, 10],
    [25, 25],
    [10_000, 10_000],
  ])('of %i messages ends when it is full', async (batchSize, expected) => {
    const { collectIds } = assemblerOf(messages(12_000), { batchSize, batchWindowSeconds: 300 });
    expect(await collectIds()).toHaveLength(expected);
  });

  it('asks for no more messages than it has room for', async () => {
    const { collectIds, calls } = assemblerOf(messages(100), { batchSize: 23, batchWindowSeconds: 300 });
    await collectIds();
    expect(calls.map(({ max }) => max)).toEqual([10, 10, 3]);
  });

  it('without a window is what one receive gives', async () => {
    const { collectIds, calls } = assemblerOf(messages(10), { batchSize: 10, perReceive: 3 });
    expect(await collectIds()).toEqual(['m0', 'm1', 'm2']);
    expect(calls).toHaveLength(1);
  });

  it('begins no window while there is no message', async () => {
    const { collectIds, calls } = assemblerOf([], { batchSize: 100, batchWindowSeconds: 300 });
    expect(await collectIds()).toEqual([]);
    expect(calls).toEqual([{ max: 10, waitSeconds: 1 }]);
  });

  it('ends with the window when it is not full', async () => {
    const { collectIds, calls } = assemblerOf(messages(15), { batchSize: 100, batchWindowSeconds: 1 });
    expect(await collectIds()).toHaveLength(15);
    // Less than the shortest wait of SQS remains at the end: it must not be overrun.
    expect(calls.at(-1)).toMatchObject({ waitSeconds: 0 });
  });

  it('holds what does not fit by size for the next one, and loses nothing', async () => {
    const large = Array.from({ length: 60 }, (_, index) => messageOfBytes(`m${index}`, 250_000));
    const { assembler, collectIds } = assemblerOf([...large], { batchSize: 1000, batchWindowSeconds: 1 });
    const first = await collectIds();
    expect(first).toHaveLength(25);
    expect(assembler.hasOverflow).toBe(true);
    const rest = [...(await collectIds()), ...(await collectIds())];
    expect([...first, ...rest]).toEqual(large.map(({ id }) => id));
    expect(assembler.hasOverflow).toBe(false);
  });

  it('leaves messages out that are about to become visible again', async () => {
    const queue = [message('late', { visibleAt: Date.now() + 500 }), message('in time')];
    const { collectIds, late } = assemblerOf(queue, { batchSize: 10, marginMs: 1000 });
    expect(await collectIds()).toEqual(['in time']);
    expect(late()).toBe(1);
  });

  it('leaves messages out that became late while the window was open', async () => {
    const queue = [message('late', { visibleAt: Date.now() + 900 }), message('in time')];
    const { collectIds, late } = assemblerOf(queue, { batchSize: 10, batchWindowSeconds: 1, marginMs: 100 });
    expect(await collectIds()).toEqual(['in time']);
    expect(late()).toBe(1);
  });

  it('ends at once when it is stopped, with what it has', async () => {
    const { assembler, collectIds, calls } = assemblerOf(messages(5), { batchSize: 100, batchWindowSeconds: 300 });
    const collecting = collectIds();
    assembler.stop();
    expect(await collecting).toHaveLength(5);
    const before = calls.length;
    expect(await collectIds()).toEqual([]);
    expect(calls).toHaveLength(before);
  });
});

const IDS = new Set(['a', 'b', 'c']);
const failuresOf = (payload: string) => [...parseBatchResponse(payload, IDS).failed];

describe('a response that reports batch item failures', () => {
  it.each([
    ['an empty list', '{"batchItemFailures":[]}'],
    ['a null list', '{"batchItemFailures":null}'],
    ['no list', '{}'],
    ['other fields', '{"batchItemFailure":[{"itemIdentifier":"a"}]}'],
    ['null', 'null'],
    ['nothing', ''],
  ])('is a complete success when it holds %s', (_, payload) => {
    expect(parseBatchResponse(payload, IDS)).toEqual({ failed: new Set() });
  });

  it('leaves the messages that it names, each once', () => {
    const payload = '{"batchItemFailures":[{"itemIdentifier":"b"},{"itemIdentifier":"b"},{"itemIdentifier":"a"}]}';
    expect(failuresOf(payload)).toEqual(['b', 'a']);
  });

  it.each([
    ['is not JSON', '{"batchItemFailures":['],
    ['is a text', '"ok"'],
    ['is a list', '[]'],
    ['is a number', '1'],
    ['holds a text for the list', '{"batchItemFailures":"a"}'],
    ['holds an object for the list', '{"batchItemFailures":{}}'],
    ['names an empty identifier', '{"batchItemFailures":[{"itemIdentifier":""}]}'],
    ['names a null identifier', '{"batchItemFailures":[{"itemIdentifier":null}]}'],
    ['names an unknown identifier', '{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"z"}]}'],
    ['misspells the identifier', '{"batchItemFailures":[{"itemidentifier":"a"}]}'],
    ['names the identifier as a text', '{"batchItemFailures":["a"]}'],
    ['holds null entries', '{"batchItemFailures":[null]}'],
  ])('is a complete failure when it %s', (_, payload) => {
    const response = parseBatchResponse(payload, IDS);
    expect([...response.failed]).toEqual(['a', 'b', 'c']);
    expect(response.error).toEqual(expect.any(String));
  });

  it('never leaves a message that is not in the batch, whatever it holds', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (payload) => {
        for (const id of parseBatchResponse(payload, IDS).failed) expect(IDS).toContain(id);
      }),
      { seed: 7 },
    );
  });
});
