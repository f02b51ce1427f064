import { PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { BusEvent } from '../../../src/local/events/bus-event.ts';
import { type LocalStack, type LocalStackOptions, startLocalStack } from '../../../src/local/stack.ts';
import { assemblyDirectory } from '../../setup/assembly-directory.ts';

const KEYS = Array.from({ length: 60 }, (_, index) => `photos/${index}.jpg`);

/** The stack with events, closed when the test ends, and the events on its bus so far. */
async function startEvents(options: Partial<LocalStackOptions> = {}) {
  const stack = await startLocalStack({ assemblyDirectory: assemblyDirectory('events'), ...options });
  onTestFinished(() => stack.close());
  const events: BusEvent[] = [];
  stack.servers.events.onEvent((_, event) => events.push(event));
  return { stack, events };
}

async function upload({ clients, bucketName }: LocalStack, keys: readonly string[]): Promise<void> {
  for (const Key of keys) await clients.s3.send(new PutObjectCommand({ Bucket: bucketName, Key, Body: 'x' }));
}

async function settle(stack: LocalStack): Promise<void> {
  await stack.drained();
  await stack.eventsSettled();
}

const keyOf = ({ detail }: BusEvent) => (detail.record as { readonly s3_key: string }).s3_key;
const keysOf = (events: readonly BusEvent[]) => events.map(keyOf).sort();

describe('the events of the whole stack', () => {
  it('announce each upload once, although its notification comes twice', async () => {
    const { stack, events } = await startEvents({ notificationFaults: { seed: 5, duplicate: 1 } });
    await upload(stack, KEYS);
    await settle(stack);
    expect(keysOf(events)).toEqual([...KEYS].sort());
    expect(events[0]).toMatchObject({ source: 'upload-ledger', 'detail-type': 'UploadRecorded' });
    expect(new Set(events.map(({ detail }) => detail.id)).size).toBe(KEYS.length);
  });

  it('wait in the stream while EventBridge is away, throttles or refuses single entries; all is recorded then', async () => {
    const { stack, events } = await startEvents();
    let isAway = true;
    let calls = 0;
    stack.servers.events.setFaults(() => {
      if (!isAway) return undefined;
      calls += 1;
      if (calls % 3 === 1) return { error: { status: 503, type: 'ServiceUnavailable' } };
      return calls % 3 === 2 ? { error: { status: 400, type: 'ThrottlingException' } } : { refused: [0, 1] };
    });
    await upload(stack, KEYS);
    await stack.drained();
    await vi.waitUntil(() => calls > 3, { timeout: 60_000 });
    expect(events.length).toBeLessThan(KEYS.length);
    isAway = false;
    await stack.eventsSettled();
    expect(keysOf(events)).toEqual([...KEYS].sort());
  });

  it('come again when EventBridge took them and its answer was lost, with the same ids', async () => {
    const { stack, events } = await startEvents();
    let isLost = true;
    stack.servers.events.setFaults(() => {
      const fault = isLost ? ({ isCut: true } as const) : undefined;
      isLost = false;
      return fault;
    });
    await upload(stack, KEYS.slice(0, 3));
    await settle(stack);
    const ids = events.map(({ detail }) => detail.id);
    expect(ids.length).toBeGreaterThan(3);
    expect(new Set(ids).size).toBe(3);
  });
});
