import { describe, expect, it } from 'vitest';
import { createBatchWrite } from '../../src/ledger/write/batch-write.ts';
import { clientOf } from '../ledger/dynamodb-server.ts';
import { record, uploadsEvent } from './budget-batch.ts';
import { startStubServer } from './stub-server.ts';

describe('the number of calls of a batch', () => {
  it.each([1, 10, 24, 25, 26, 99, 100, 101, 1_000, 3_200])('is minimal for %i uploads', async (uploads) => {
    const { stub, endpoint } = await startStubServer();
    const outcome = await record(uploadsEvent(uploads), createBatchWrite(clientOf(endpoint), 'ledger'));
    expect(outcome.response.batchItemFailures).toEqual([]);
    expect(stub.counts).toMatchObject({ batchWriteItem: Math.ceil(uploads / 25), putItem: 0, puts: uploads });
  });

  it.each([1_000, 3_200])(
    'is nearly minimal for %i uploads of which a tenth comes back unprocessed',
    async (uploads) => {
      const { stub, endpoint } = await startStubServer();
      stub.behave({ delay: 0, unprocessed: 0.1, keepItems: false });
      const outcome = await record(uploadsEvent(uploads), createBatchWrite(clientOf(endpoint), 'ledger'));
      const { batchWriteItem, puts } = stub.counts;
      expect(outcome.response.batchItemFailures).toEqual([]);
      expect(outcome.writes.unprocessedRetries).toBe(puts - uploads);
      // Fewer cannot carry all puts; the last few leftovers go out alone.
      expect(batchWriteItem).toBeLessThanOrEqual(Math.ceil(puts / 25) + 8);
    },
  );
});
