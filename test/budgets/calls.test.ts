import type { BatchWriteItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { makeDynamoDBClient } from '../../src/consumer/clients.ts';
import { openBatchWrite } from '../../src/ledger/write/batch-write.ts';
import { clientOf } from '../ledger/dynamodb-server.ts';
import { record, uploadsEvent } from './budget-batch.ts';
import { startStubServer } from './stub-server.ts';

const constructed = vi.hoisted(() => ({ commands: 0 }));

vi.mock('@aws-sdk/client-dynamodb', async (importOriginal) => {
  const original = await importOriginal<{ readonly BatchWriteItemCommand: typeof BatchWriteItemCommand }>();
  class Counted extends original.BatchWriteItemCommand {
    constructor(...input: ConstructorParameters<typeof BatchWriteItemCommand>) {
      super(...input);
      constructed.commands += 1;
    }
  }
  return { ...original, BatchWriteItemCommand: Counted };
});

describe('the calls of a batch', () => {
  it.each([1, 10, 24, 25, 26, 99, 100, 101, 1_000, 3_200])('are as few as can be for %i uploads', async (uploads) => {
    const { stub, endpoint } = await startStubServer();
    const outcome = await record(uploadsEvent(uploads), openBatchWrite(clientOf(endpoint), 'ledger'));
    expect(outcome.response.batchItemFailures).toEqual([]);
    expect(stub.counts).toMatchObject({ batchWriteItem: Math.ceil(uploads / 25), putItem: 0, puts: uploads });
  });

  it.each([1_000, 3_200])('stay near that for %i uploads of which a tenth comes back unprocessed', async (uploads) => {
    const { stub, endpoint } = await startStubServer();
    stub.behave({ delay: 0, unprocessed: 0.1, keepItems: false });
    const outcome = await record(uploadsEvent(uploads), openBatchWrite(clientOf(endpoint), 'ledger'));
    const { batchWriteItem, puts } = stub.counts;
    expect(outcome.response.batchItemFailures).toEqual([]);
    expect(outcome.writes.unprocessedRetries).toBe(puts - uploads);
    // Fewer cannot carry all puts; the last few leftovers go out alone.
    expect(batchWriteItem).toBeLessThanOrEqual(Math.ceil(puts / 25) + 8);
  });

  it('need one command of the SDK, however many there are', async () => {
    const { stub, endpoint } = await startStubServer();
    constructed.commands = 0;
    const send = openBatchWrite(clientOf(endpoint), 'ledger');
    for (const uploads of [10, 100, 1_000]) await record(uploadsEvent(uploads), send);
    expect(stub.counts.batchWriteItem).toBe(1 + 4 + 40);
    expect(constructed.commands).toBe(1);
  });

  it('need one look at the endpoint and one signer, however many there are', async () => {
    const { stub, endpoint } = await startStubServer();
    vi.stubEnv('AWS_ENDPOINT_URL', endpoint);
    vi.stubEnv('AWS_REGION', 'eu-west-1');
    onTestFinished(() => void vi.unstubAllEnvs());
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'key');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    const client = makeDynamoDBClient();
    const signers = new Set();
    const { endpointProvider, signer } = client.config;
    let looks = 0;
    Object.assign(client.config, {
      endpointProvider: (...parameters: Parameters<typeof endpointProvider>) => {
        looks += 1;
        return endpointProvider(...parameters);
      },
      signer: async (...parameters: Parameters<typeof signer>) => {
        const made = await signer(...parameters);
        signers.add(made);
        return made;
      },
    });
    const send = openBatchWrite(client, 'ledger');
    for (const uploads of [10, 100, 1_000]) await record(uploadsEvent(uploads), send);
    expect(stub.counts.batchWriteItem).toBe(1 + 4 + 40);
    expect(looks).toBe(1);
    expect(signers.size).toBe(1);
  });
});
