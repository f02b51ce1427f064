import {
  BatchWriteItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startTableServer } from '../../../src/local/servers/table-server.ts';
import type { StreamRecord } from '../../../src/local/servers/table-stream.ts';
import type { StreamView } from '../../../src/local/template/resources.ts';
import { TRY_ONCE } from '../../builders/try-once.ts';
import { createTable } from '../../ledger/create-table.ts';

const TABLE = 'ledger';
const streamArn = `arn:aws:dynamodb:us-east-1:000000000000:table/${TABLE}/stream/2026-01-01T00:00:00.000`;

/** A table with a stream, closed when the test ends, and the records so far. */
async function streamedTable(view: StreamView = 'NEW_AND_OLD_IMAGES') {
  const server = await startTableServer();
  const client = new DynamoDBClient({
    endpoint: server.endpoint,
    ...TRY_ONCE,
  });
  onTestFinished(async () => {
    client.destroy();
    await server.close();
  });
  const tables = [TABLE, 'other'].map((TableName) =>
    createTable(client, {
      TableName,
      AttributeDefinitions: [
        { AttributeName: 'id', AttributeType: 'S' },
        { AttributeName: 'at', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'id', KeyType: 'HASH' },
        { AttributeName: 'at', KeyType: 'RANGE' },
      ],
    }),
  );
  await Promise.all(tables);
  const records: StreamRecord[] = [];
  const stream = server.openStream({ name: TABLE, partitionKey: 'id', sortKey: 'at', streamArn, view });
  stream.onRecord((record) => records.push(record));
  const put = (Item: ReturnType<typeof item>, TableName = TABLE) =>
    client.send(new PutItemCommand({ TableName, Item }));
  return { server, client, records, put };
}

const item = (id: string, size = '1') => ({ id: { S: id }, at: { S: '1' }, size: { N: size } });
const key = (id: string) => ({ id: { S: id }, at: { S: '1' } });
const changes = (records: readonly StreamRecord[]) => records.map(({ eventName, dynamodb }) => [eventName, dynamodb]);

describe('the stream of a table', () => {
  it('has a record of each item that is put, changed or deleted, with both images', async () => {
    const { client, records, put } = await streamedTable();
    await put(item('a'));
    await put(item('a', '2'));
    await client.send(new DeleteItemCommand({ TableName: TABLE, Key: key('a') }));
    expect(changes(records)).toMatchObject([
      ['INSERT', { Keys: key('a'), NewImage: item('a') }],
      ['MODIFY', { Keys: key('a'), NewImage: item('a', '2'), OldImage: item('a') }],
      ['REMOVE', { Keys: key('a'), OldImage: item('a', '2') }],
    ]);
    expect(records[0]?.dynamodb).not.toHaveProperty('OldImage');
    expect(records[2]?.dynamodb).not.toHaveProperty('NewImage');
    expect(records[0]).toMatchObject({ eventSource: 'aws:dynamodb', eventSourceARN: streamArn, eventVersion: '1.1' });
  });

  it('numbers its records in the order of the writes', async () => {
    const { records, put } = await streamedTable();
    await Promise.all(Array.from({ length: 20 }, (_, size) => put(item('a', String(size)))));
    const numbers = records.map(({ dynamodb }) => BigInt(dynamodb.SequenceNumber));
    expect(numbers).toHaveLength(20);
    expect(numbers).toEqual(numbers.toSorted((a, b) => (a < b ? -1 : 1)));
    const images = records.map(({ dynamodb }) => [dynamodb.OldImage, dynamodb.NewImage]);
    expect(images.slice(1).map(([old]) => old)).toEqual(images.slice(0, -1).map(([, latest]) => latest));
  });

  it('has no record of a write that changes nothing', async () => {
    const { client, records, put } = await streamedTable();
    await put(item('a'));
    await put({ size: { N: '1' }, at: { S: '1' }, id: { S: 'a' } });
    await client.send(new DeleteItemCommand({ TableName: TABLE, Key: key('never there') }));
    await client.send(
      new UpdateItemCommand({
        TableName: TABLE,
        Key: key('a'),
        UpdateExpression: 'SET #size = :size',
        ExpressionAttributeNames: { '#size': 'size' },
        ExpressionAttributeValues: { ':size': { N: '1' } },
      }),
    );
    expect(changes(records)).toMatchObject([['INSERT', {}]]);
  });

  it('has a record of each item of a batch that was written, and of none that came back', async () => {
    const { server, client, records } = await streamedTable();
    await client.send(new PutItemCommand({ TableName: TABLE, Item: item('gone') }));
    server.setFaults(() => ({ unprocessed: [1] }));
    const puts = ['a', 'b', 'c'].map((id) => ({ PutRequest: { Item: item(id) } }));
    const RequestItems = { [TABLE]: [...puts, { DeleteRequest: { Key: key('gone') } }] };
    const { UnprocessedItems } = await client.send(new BatchWriteItemCommand({ RequestItems }));
    expect(UnprocessedItems?.[TABLE]).toHaveLength(1);
    expect(changes(records.slice(1))).toMatchObject([
      ['INSERT', { Keys: key('a') }],
      ['INSERT', { Keys: key('c') }],
      ['REMOVE', { Keys: key('gone') }],
    ]);
  });

  it('has a record of a write whose answer was lost, and none of one that was refused', async () => {
    const { server, client, records, put } = await streamedTable();
    server.setFaults(() => ({ isCut: true }));
    await expect(put(item('cut'))).rejects.toThrow();
    server.setFaults(() => ({ error: { status: 500, type: 'InternalServerError' } }));
    await expect(put(item('refused'))).rejects.toThrow();
    server.setFaults();
    const onCondition = new PutItemCommand({
      TableName: TABLE,
      Item: item('cut', '7'),
      ConditionExpression: 'attribute_not_exists(id)',
    });
    await expect(client.send(onCondition)).rejects.toThrow(/conditional/i);
    expect(changes(records)).toMatchObject([['INSERT', { Keys: key('cut') }]]);
  });

  it('has no record of another table', async () => {
    const { records, put } = await streamedTable();
    await put(item('a'), 'other');
    expect(records).toEqual([]);
  });

  it.each([
    ['KEYS_ONLY', []],
    ['NEW_IMAGE', ['NewImage']],
    ['OLD_IMAGE', ['OldImage']],
    ['NEW_AND_OLD_IMAGES', ['NewImage', 'OldImage']],
  ] as const)('has the images of its view %s', async (view, images) => {
    const { records, put } = await streamedTable(view);
    await put(item('a'));
    await put(item('a', '2'));
    const [, changed] = records;
    expect(['NewImage', 'OldImage'].filter((image) => Object.hasOwn(changed?.dynamodb ?? {}, image))).toEqual(images);
    expect(changed?.dynamodb.StreamViewType).toBe(view);
  });
});
