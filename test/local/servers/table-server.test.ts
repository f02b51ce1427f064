import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  BatchWriteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  ListTablesCommand,
  paginateScan,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { TableFaults } from '../../../src/local/servers/table-faults.ts';
import { startTableServer, type TableServerOptions } from '../../../src/local/servers/table-server.ts';
import { TRY_ONCE } from '../../builders/try-once.ts';
import { createTable } from '../../ledger/create-table.ts';

const TABLE = 'ledger';

async function startTable(options: TableServerOptions = {}) {
  const server = await startTableServer(options);
  const client = new DynamoDBClient({
    endpoint: server.endpoint,
    ...TRY_ONCE,
  });
  const close = async () => {
    client.destroy();
    await server.close();
  };
  return { server, client, close };
}

/** A server with one empty table, closed when the test ends. */
async function startEmptyTable(faults: TableFaults = {}) {
  const { server, client, close } = await startTable();
  onTestFinished(close);
  await createTestTable(client);
  server.setFaults(faults);
  const write = (...requests: WriteRequest[]) =>
    client.send(new BatchWriteItemCommand({ RequestItems: { [TABLE]: requests } }));
  return { server, client, write };
}

function createTestTable(client: DynamoDBClient) {
  return createTable(client, {
    TableName: TABLE,
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  });
}

const put = (id: string): WriteRequest => ({ PutRequest: { Item: { id: { S: id } } } });
const puts = (count: number, prefix = 'p') => Array.from({ length: count }, (_, index) => put(`${prefix}${index}`));
const idsOf = (requests: readonly WriteRequest[]) => requests.map(({ PutRequest }) => PutRequest?.Item?.id?.S);

async function storedIds(client: DynamoDBClient): Promise<(string | undefined)[]> {
  const ids = [];
  for await (const { Items = [] } of paginateScan({ client }, { TableName: TABLE }))
    ids.push(...Items.map((i) => i.id?.S));
  return ids.sort();
}

describe('a table server', () => {
  it('reports that its port is taken', async () => {
    const { server } = await startEmptyTable();
    const port = Number(new URL(server.endpoint).port);
    await expect(startTable({ port })).rejects.toMatchObject({
      code: 'port-in-use',
      message: expect.stringContaining(`:${port} (EADDRINUSE)`),
    });
  });

  it('answers no page of another site, not even a preflight', async () => {
    const { server } = await startEmptyTable();
    const headers = { 'x-amz-target': 'DynamoDB_20120810.ListTables', 'content-type': 'application/x-amz-json-1.0' };
    for (const origin of ['https://evil.example', 'http://localhost:5173', 'null']) {
      for (const method of ['POST', 'OPTIONS']) {
        const answer = await fetch(server.endpoint, { method, headers: { ...headers, origin } });
        expect(answer.status).toBe(403);
        expect(answer.headers.get('access-control-allow-origin')).toBeNull();
      }
    }
  });

  it('stores items and counts batch writes and their items', async () => {
    const { server, client, write } = await startEmptyTable();
    await write(...puts(25));
    await write({ DeleteRequest: { Key: { id: { S: 'p0' } } } });
    expect(await storedIds(client)).toHaveLength(24);
    expect(server.counters).toEqual({
      batchWriteCalls: 2,
      batchWriteItems: 26,
      unprocessed: 0,
      throttled: 0,
      failed: 0,
      cut: 0,
    });
  });

  it('refuses what DynamoDB refuses', async () => {
    const { write } = await startEmptyTable();
    await expect(write(...puts(26))).rejects.toThrow(/25/);
    await expect(write(put('same'), put('same'))).rejects.toThrow(/duplicates/);
  });

  it('keeps its tables in a directory', async () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'upload-ledger-tables-'));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    const first = await startTable({ path: directory });
    await createTestTable(first.client);
    await first.close();
    const second = await startTable({ path: directory });
    onTestFinished(second.close);
    expect((await second.client.send(new ListTablesCommand())).TableNames).toEqual([TABLE]);
  });
});

describe('a table server with faults', () => {
  it('returns some puts unprocessed, and stores exactly the others', async () => {
    const { server, client, write } = await startEmptyTable({ unprocessed: 0.3, seed: 7 });
    const { UnprocessedItems = {} } = await write(...puts(25));
    const back = idsOf(UnprocessedItems[TABLE] ?? []);
    expect(back.length).toBeGreaterThan(0);
    expect(back.length).toBeLessThan(25);
    expect(server.counters.unprocessed).toBe(back.length);
    server.setFaults();
    expect([...(await storedIds(client)), ...back].sort()).toEqual(idsOf(puts(25)).sort());
  });

  it('returns no delete unprocessed', async () => {
    const { server, client, write } = await startEmptyTable();
    await write(put('old'));
    server.setFaults({ unprocessed: 1 });
    await write({ DeleteRequest: { Key: { id: { S: 'old' } } } });
    expect(await storedIds(client)).toEqual([]);
  });

  it('never returns all of a call unprocessed, because DynamoDB would refuse the call', async () => {
    const { server, client, write } = await startEmptyTable({ unprocessed: 1 });
    const { UnprocessedItems = {} } = await write(...puts(3));
    expect(UnprocessedItems[TABLE]).toHaveLength(2);
    expect(await write(...puts(1))).not.toHaveProperty(`UnprocessedItems.${TABLE}`);
    expect(server.counters).toMatchObject({ throttled: 0, unprocessed: 2 });
    expect(await storedIds(client)).toEqual(idsOf(puts(1)));
  });

  it.each([
    [
      'throttles',
      { throttle: 1 },
      { name: 'ProvisionedThroughputExceededException', $metadata: { httpStatusCode: 400 } },
      'throttled',
    ],
    ['fails', { fail: 1 }, { name: 'InternalServerError', $metadata: { httpStatusCode: 500 } }, 'failed'],
  ] as const)('%s calls on items, storing nothing, and none on tables', async (_, faults, expected, counter) => {
    const { server, client, write } = await startEmptyTable(faults);
    await expect(write(put('a'))).rejects.toMatchObject(expected);
    await expect(client.send(new GetItemCommand({ TableName: TABLE, Key: { id: { S: 'a' } } }))).rejects.toMatchObject(
      expected,
    );
    expect((await client.send(new ListTablesCommand())).TableNames).toEqual([TABLE]);
    expect(server.counters[counter]).toBe(2);
    server.setFaults();
    expect(await storedIds(client)).toEqual([]);
  });

  it('cuts the connection after the write is done', async () => {
    const { server, client, write } = await startEmptyTable({ cutAfterWrite: 1 });
    await expect(write(...puts(2))).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(server.counters.cut).toBe(1);
    expect(await storedIds(client)).toEqual(['p0', 'p1']);
  });

  it('draws the same faults from the same seed, and others from another', async () => {
    const draw = async (seed: number) => {
      const { write } = await startEmptyTable({ unprocessed: 0.5, seed });
      const outcomes = [];
      for (let call = 0; call < 4; call += 1) {
        const { UnprocessedItems = {} } = await write(...puts(25));
        outcomes.push(idsOf(UnprocessedItems[TABLE] ?? []));
      }
      return outcomes;
    };
    const [first, again, other] = [await draw(1), await draw(1), await draw(2)];
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  it('works as before when the faults are removed', async () => {
    const { server, client, write } = await startEmptyTable({ fail: 1, latencyMs: 1 });
    await expect(write(put('a'))).rejects.toThrow();
    server.setFaults();
    await write(put('a'));
    expect(await storedIds(client)).toEqual(['a']);
  });
});

describe('a broken connection', () => {
  it('does no harm when a client breaks it in the middle of its call', async () => {
    const { server, write, client } = await startEmptyTable();
    const broken = request(server.endpoint, {
      method: 'POST',
      headers: { 'x-amz-target': 'DynamoDB_20120810.BatchWriteItem', 'content-length': 1000 },
    });
    const gone = new Promise((resolve) => broken.on('error', resolve));
    broken.write('{"RequestItems":');
    await vi.waitUntil(() => broken.socket?.readyState === 'open');
    broken.destroy(new Error('gone'));
    await gone;
    await write(put('after'));
    expect(await storedIds(client)).toEqual(['after']);
  });

  it('is an error for the client when the server closes, which closes nevertheless', async () => {
    const { server, client } = await startTable();
    await createTestTable(client);
    server.setFaults({ latencyMs: 200 });
    const call = client.send(new BatchWriteItemCommand({ RequestItems: { [TABLE]: puts(25) } }));
    const refused = expect(call).rejects.toMatchObject({ code: 'ECONNRESET' });
    await vi.waitUntil(() => server.counters.batchWriteCalls === 1);
    await server.close();
    await refused;
    client.destroy();
    // A call to another server that began later and takes longer: by then the first has found its store closed.
    const other = await startEmptyTable({ latencyMs: 250 });
    await other.write(put('later'));
  });
});
