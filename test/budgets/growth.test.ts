import { describe, expect, it } from 'vitest';
import type { SendPuts } from '../../src/ledger/write/batch-write.ts';
import { allocatedBytes } from './allocations.ts';
import { record, uploadsEvent } from './budget-batch.ts';

const SMALL = 200;
const LARGE = 3_200;

/** Stores everything at once. */
const send: SendPuts = () => Promise.resolve([]);

/** Heap bytes for each upload of a batch. */
async function bytesAnUpload(uploads: number): Promise<number> {
  const event = uploadsEvent(uploads);
  return (await allocatedBytes(() => record(event, send))) / uploads;
}

describe('the memory that a batch allocates', () => {
  it('grows no faster than the batch', async () => {
    // Code that is new to the compiler allocates more.
    for (let time = 0; time < 5; time++) await record(uploadsEvent(LARGE), send);
    const small = await bytesAnUpload(SMALL);
    const large = await bytesAnUpload(LARGE);
    expect(large / small).toBeLessThan(1.25);
    expect(large).toBeLessThan(14_000);
  });
});
