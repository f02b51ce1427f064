import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDynamoDBClient } from '../../../../src/consumer/clients.ts';
import { createBatchWrite } from '../../../../src/ledger/write/batch-write.ts';
import type { CallFault } from '../../../../src/local/servers/table-faults.ts';
import { startTableServer, type TableServer } from '../../../../src/local/servers/table-server.ts';
import { ledgerRecord } from '../../../ledger/records.ts';
import { SimulatedTable, type TableFault } from '../services/dynamodb/simulated-dynamodb.ts';
import { VirtualClock } from '../services/virtual-clock.ts';

const PUT = new PutItemCommand({ TableName: 'ledger', Item: { s3_object: { S: 'object' }, upload_id: { S: '1' } } });

interface Case {
  readonly what: string;
  readonly emulated: CallFault;
  readonly simulated: TableFault;
}

const CASES: readonly Case[] = [
  {
    what: 'an internal error',
    emulated: { error: { status: 500, type: 'InternalServerError' } },
    simulated: { kind: 'refused' },
  },
  { what: 'a connection that breaks', emulated: { isCut: true }, simulated: { kind: 'answer-lost' } },
  {
    what: 'a caller who may not call',
    emulated: { error: { status: 400, type: 'AccessDeniedException' } },
    simulated: { kind: 'denied' },
  },
];

/** Throttled calls are left out, but for those of the ledger's own sender: the SDK waits for seconds between their tries. */
describe('the SDK and its simulation', () => {
  let server: TableServer;
  let client: DynamoDBClient;
  let fault: CallFault;
  let tries = 0;

  beforeAll(async () => {
    server = await startTableServer();
    server.setFaults(() => {
      tries += 1;
      return fault;
    });
    client = new DynamoDBClient({
      endpoint: server.endpoint,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    });
  });

  afterAll(async () => {
    client.destroy();
    await server.close();
  });

  it.each(CASES)('try a call as often, and fail alike: $what', async (given) => {
    fault = given.emulated;
    tries = 0;
    const error = await client.send(PUT).catch((reason: unknown) => reason);
    const clock = new VirtualClock(0, 1);
    const table = new SimulatedTable({ clock, fault: () => given.simulated, latency: () => 5, indexDelay: () => 0 });
    const simulated = await clock.run(table.client.send(PUT)).catch((reason: unknown) => reason);
    expect(table.calls.get('PutItem')).toBe(tries);
    expect(factsOf(simulated)).toEqual(factsOf(error));
  });

  it('leave a throttled call of records to the writer of records', async () => {
    fault = { error: { status: 400, type: 'ProvisionedThroughputExceededException' } };
    tries = 0;
    const { signal } = new AbortController();
    const send = createBatchWrite(client, 'ledger');
    const error = await send([ledgerRecord()], signal).catch((reason: unknown) => reason);
    const clock = new VirtualClock(0, 1);
    const throttled: TableFault = { kind: 'throttled' };
    const table = new SimulatedTable({ clock, fault: () => throttled, latency: () => 5, indexDelay: () => 0 });
    const simulated = await clock.run(table.sendPuts([ledgerRecord()], signal)).catch((reason: unknown) => reason);
    expect([tries, table.calls.get('BatchWriteItem')]).toEqual([1, 1]);
    expect(factsOf(simulated)).toEqual(factsOf(error));
  });

  it('take their defaults from the client that the consumer uses', async () => {
    const consumer = createDynamoDBClient();
    expect(await consumer.config.maxAttempts()).toBe(await client.config.maxAttempts());
    consumer.destroy();
  });
});

/** What the code under test reads of an error. */
function factsOf(error: unknown) {
  if (!(error instanceof Error)) return error;
  const { name, code, $metadata } = error as { name: string; code?: string; $metadata?: { httpStatusCode?: number } };
  return { name, code, status: $metadata?.httpStatusCode };
}
