import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emulatedTable, simulatedTable, type TableSubject } from './table-subjects.ts';

type Item = Record<string, AttributeValue>;

describe.each([
  { kind: 'emulated', open: emulatedTable },
  { kind: 'simulated', open: simulatedTable },
])('a table, $kind', ({ open }) => {
  let subject: TableSubject;
  let TableName: string;

  beforeAll(async () => {
    subject = await open();
    TableName = subject.tableName;
  });

  afterAll(() => subject.close());

  const inTime = (work: () => Promise<void>) => () => subject.run(work);
  const put = (item: Item, condition?: string) =>
    subject.client.send(new PutItemCommand({ TableName, Item: item, ConditionExpression: condition }));
  const get = async (key: Item) =>
    (await subject.client.send(new GetItemCommand({ TableName, Key: key, ConsistentRead: true }))).Item;
  const update = (input: Omit<UpdateItemCommandInput, 'TableName'>) =>
    subject.client.send(new UpdateItemCommand({ TableName, ...input }));
  const query = (input: Omit<QueryCommandInput, 'TableName'>) =>
    subject.client.send(new QueryCommand({ TableName, ...input }));

  /** Every page of a Query, one after the other. */
  const pages = async (input: Omit<QueryCommandInput, 'TableName'>) => {
    const all: { ids: string[]; scanned: number | undefined }[] = [];
    let startKey: Item | undefined;
    do {
      const { Items = [], ScannedCount, LastEvaluatedKey } = await query({ ...input, ExclusiveStartKey: startKey });
      all.push({ ids: Items.map(idOf), scanned: ScannedCount });
      startKey = LastEvaluatedKey;
    } while (startKey !== undefined);
    return all;
  };

  describe('PutItem and UpdateItem', () => {
    it(
      'refuse a put whose condition does not hold',
      inTime(async () => {
        const item = toItem('put', '1', { size: { N: '1' } });
        await put(item, 'attribute_not_exists(s3_object)');
        const again = put({ ...item, size: { N: '2' } }, 'attribute_not_exists(s3_object)');
        await expect(again).rejects.toThrow(ConditionalCheckFailedException);
        await expect(again).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });
        expect(await get(toItem('put', '1'))).toEqual(item);
      }),
    );

    it(
      'set an attribute only when it is not there, and give the whole item',
      inTime(async () => {
        const set = (start: string) =>
          update({
            Key: toItem('update', '1'),
            UpdateExpression: 'SET #covered = if_not_exists(#covered, :start)',
            ExpressionAttributeNames: { '#covered': 'covered' },
            ExpressionAttributeValues: { ':start': { S: start } },
            ReturnValues: 'ALL_NEW',
          });
        const expected = toItem('update', '1', { covered: { S: 'first' } });
        expect((await set('first')).Attributes).toEqual(expected);
        expect((await set('second')).Attributes).toEqual(expected);
      }),
    );

    it(
      'add to a number, and give what was updated alone',
      inTime(async () => {
        const add = (by: string) =>
          update({
            Key: toItem('update', '2'),
            UpdateExpression: 'ADD #emails :by SET #expiry = :expiry',
            ExpressionAttributeNames: { '#emails': 'emails', '#expiry': 'expires_at' },
            ExpressionAttributeValues: { ':by': { N: by }, ':expiry': { N: '99' } },
            ReturnValues: 'UPDATED_NEW',
          });
        await put(toItem('update', '2', { other: { S: 'kept' } }));
        expect((await add('3')).Attributes).toEqual({ emails: { N: '3' }, expires_at: { N: '99' } });
        expect((await add('2')).Attributes).toEqual({ emails: { N: '5' }, expires_at: { N: '99' } });
        expect(await get(toItem('update', '2'))).toMatchObject({ other: { S: 'kept' } });
      }),
    );

    it(
      'give what was there before',
      inTime(async () => {
        await put(toItem('update', '3', { a: { S: 'old' }, b: { S: 'old' } }));
        const set = (ReturnValues: 'ALL_OLD' | 'UPDATED_OLD') =>
          update({
            Key: toItem('update', '3'),
            UpdateExpression: 'SET a = :new',
            ExpressionAttributeValues: { ':new': { S: ReturnValues } },
            ReturnValues,
          });
        expect((await set('ALL_OLD')).Attributes).toEqual(toItem('update', '3', { a: { S: 'old' }, b: { S: 'old' } }));
        expect((await set('UPDATED_OLD')).Attributes).toEqual({ a: { S: 'ALL_OLD' } });
      }),
    );

    it(
      'let one of several take a lease',
      inTime(async () => {
        const claim = (owner: string, now: number) =>
          update({
            Key: toItem('lease', '1'),
            ConditionExpression: 'attribute_not_exists(#lease) OR #lease <= :now OR #owner = :owner',
            UpdateExpression: 'SET #owner = :owner, #lease = :until',
            ExpressionAttributeNames: { '#owner': 'owner_name', '#lease': 'lease' },
            ExpressionAttributeValues: {
              ':owner': { S: owner },
              ':now': { N: String(now) },
              ':until': { N: String(now + 10) },
            },
          });
        await claim('a', 0);
        await claim('a', 1);
        await expect(claim('b', 2)).rejects.toThrow(ConditionalCheckFailedException);
        await claim('b', 20);
        const release = { UpdateExpression: 'REMOVE #lease', ExpressionAttributeNames: { '#lease': 'lease' } };
        await update({ Key: toItem('lease', '1'), ...release });
        expect(await get(toItem('lease', '1'))).toEqual(toItem('lease', '1', { owner_name: { S: 'b' } }));
      }),
    );

    it(
      'make an item of a key alone when an update removes from one that is not there',
      inTime(async () => {
        await update({ Key: toItem('update', '4'), UpdateExpression: 'REMOVE a' });
        expect(await get(toItem('update', '4'))).toEqual(toItem('update', '4'));
      }),
    );

    it(
      'give nothing for what was deleted, and its last content to who deletes it',
      inTime(async () => {
        await put(toItem('delete', '1', { a: { S: 'x' } }));
        const command = new DeleteItemCommand({ TableName, Key: toItem('delete', '1'), ReturnValues: 'ALL_OLD' });
        expect((await subject.client.send(command)).Attributes).toEqual(toItem('delete', '1', { a: { S: 'x' } }));
        expect(await get(toItem('delete', '1'))).toBeUndefined();
        expect((await subject.client.send(command)).Attributes).toBeUndefined();
      }),
    );

    it.each([
      ['an item that is too large', { large: { S: 'x'.repeat(400 * 1024) } }],
      ['an empty sort key', { upload_id: { S: '' } }],
      ['a sort key that is too long', { upload_id: { S: 'x'.repeat(1025) } }],
      ['an index key that is no text', { day_shard: { N: '1' } }],
    ])('refuse %s', (_what, attributes: Item) =>
      subject.run(async () => {
        const error = { name: 'ValidationException', $metadata: { httpStatusCode: 400 } };
        await expect(put({ ...toItem('bad', '1'), ...attributes })).rejects.toMatchObject(error);
      }),
    );

    it(
      'refuse a placeholder that no expression uses',
      inTime(async () => {
        const input = { UpdateExpression: 'REMOVE a', ExpressionAttributeNames: { '#b': 'b' } };
        const error = { name: 'ValidationException' };
        await expect(update({ Key: toItem('bad', '2'), ...input })).rejects.toMatchObject(error);
      }),
    );
  });

  describe('conditions', () => {
    const ATTRIBUTES = { '#size': 'size', '#text': 'text', '#none': 'none' };
    const VALUES: Item = { ':9': { N: '9' }, ':1': { N: '1' }, ':text': { S: 'hello' }, ':start': { S: 'he' } };

    it.each([
      ['#size <> :9', true],
      ['#none <> :9', true],
      ['#none = :9', false],
      ['NOT #none = :9', true],
      ['#none < :9', false],
      ['#size > :text', false],
      ['begins_with(#text, :start)', true],
      ['begins_with(#size, :start)', false],
      ['begins_with(#none, :start)', false],
      ['#size BETWEEN :1 AND :9', false],
      ['#text = :text AND (#size = :1 OR #size > :9)', true],
      ['#text = :text OR #size = :1 AND #text = :start', true],
      ['attribute_exists(#none) OR attribute_exists(#size)', true],
    ])('%s is %s', (condition, holds) =>
      subject.run(async () => {
        const item = toItem('conditions', condition, { size: { N: '10' }, text: { S: 'hello' } });
        await put(item);
        const written = subject.client.send(
          new PutItemCommand({
            TableName,
            Item: item,
            ConditionExpression: condition,
            ExpressionAttributeNames: usedIn(condition, ATTRIBUTES),
            ExpressionAttributeValues: usedIn(condition, VALUES),
          }),
        );
        if (holds) await written;
        else await expect(written).rejects.toThrow(ConditionalCheckFailedException);
      }),
    );
  });

  describe('Query', () => {
    const ALL = {
      KeyConditionExpression: '#p = :p',
      ExpressionAttributeNames: { '#p': 's3_object' },
    } as const;

    it(
      'gives a partition in the order of the bytes of the sort keys',
      inTime(async () => {
        const ids = ['a', 'B', '', 'é', '\u{1f600}', '￼', 'a/', 'a.', 'a0'].filter((id) => id !== '');
        for (const id of ids) await put(toItem('order', id));
        const input = { ...ALL, ExpressionAttributeValues: { ':p': { S: 'order' } } };
        const inOrder = ids.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
        expect((await query(input)).Items?.map(idOf)).toEqual(inOrder);
        expect((await query({ ...input, ScanIndexForward: false })).Items?.map(idOf)).toEqual(inOrder.reverse());
      }),
    );

    it.each([
      ['#s = :two', ['2']],
      ['#s < :two', ['0', '1']],
      ['#s <= :two', ['0', '1', '2']],
      ['#s > :two', ['3', '4']],
      ['#s >= :two', ['2', '3', '4']],
      ['#s BETWEEN :two AND :three', ['2', '3']],
      ['begins_with(#s, :two)', ['2']],
    ])('gives what meets %s', (condition, expected) =>
      subject.run(async () => {
        for (const id of ['0', '1', '2', '3', '4']) await put(toItem('ranges', id));
        const values: Item = { ':p': { S: 'ranges' }, ':two': { S: '2' } };
        const input = {
          KeyConditionExpression: `#p = :p AND ${condition}`,
          ExpressionAttributeNames: { '#p': 's3_object', '#s': 'upload_id' },
          ExpressionAttributeValues: condition.includes(':three') ? { ...values, ':three': { S: '3' } } : values,
        };
        expect((await query(input)).Items?.map(idOf)).toEqual(expected);
        const backwards = await query({ ...input, ScanIndexForward: false });
        expect(backwards.Items?.map(idOf)).toEqual(expected.toReversed());
      }),
    );

    it(
      'gives pages of so many items, filtered after they are counted',
      inTime(async () => {
        for (let id = 0; id < 10; id += 1) await put(toItem('pages', `${id}`, { even: { N: String(id % 2) } }));
        const input = {
          KeyConditionExpression: '#p = :p',
          FilterExpression: 'even = :zero',
          ExpressionAttributeNames: { '#p': 's3_object' },
          ExpressionAttributeValues: { ':p': { S: 'pages' }, ':zero': { N: '0' } },
          Limit: 4,
        };
        const expected = [
          { ids: ['0', '2'], scanned: 4 },
          { ids: ['4', '6'], scanned: 4 },
          { ids: ['8'], scanned: 2 },
        ];
        expect(await pages(input)).toEqual(expected);
        const backwards = await pages({ ...input, ScanIndexForward: false });
        expect(backwards.map(({ ids }) => ids)).toEqual([['8', '6'], ['4', '2'], ['0']]);
      }),
    );

    it(
      'goes on after an item that is gone by then',
      inTime(async () => {
        for (const id of ['1', '2', '3', '4']) await put(toItem('gone', id));
        const input = { ...ALL, ExpressionAttributeValues: { ':p': { S: 'gone' } }, Limit: 2 };
        const { LastEvaluatedKey } = await query(input);
        expect(LastEvaluatedKey).toEqual(toItem('gone', '2'));
        await subject.client.send(new DeleteItemCommand({ TableName, Key: toItem('gone', '2') }));
        const { Items = [] } = await query({ ...input, ExclusiveStartKey: LastEvaluatedKey });
        expect(Items.map(idOf)).toEqual(['3', '4']);
      }),
    );

    it(
      'gives at most a megabyte in one page',
      inTime(async () => {
        const large = { large: { S: 'x'.repeat(300 * 1024) } };
        for (const id of ['1', '2', '3', '4', '5']) await put(toItem('large', id, large));
        const all = await pages({ ...ALL, ExpressionAttributeValues: { ':p': { S: 'large' } } });
        expect(all.length).toBeGreaterThan(1);
        expect(all.flatMap(({ ids }) => ids)).toEqual(['1', '2', '3', '4', '5']);
      }),
    );

    it(
      'gives the attributes that are asked for',
      inTime(async () => {
        await put(toItem('projection', '1', { a: { S: 'x' }, b: { S: 'y' } }));
        const { Items } = await query({
          ...ALL,
          ProjectionExpression: '#a, upload_id, nothing',
          ExpressionAttributeNames: { '#p': 's3_object', '#a': 'a' },
          ExpressionAttributeValues: { ':p': { S: 'projection' } },
        });
        expect(Items).toEqual([{ a: { S: 'x' }, upload_id: { S: '1' } }]);
      }),
    );
  });

  describe.each([
    { IndexName: 'by_day', attribute: 'day_shard' },
    { IndexName: 'by_uploader', attribute: 'uploader_shard' },
  ])('the index $IndexName', ({ IndexName, attribute }) => {
    const inIndex = (partition: string) => ({
      IndexName,
      KeyConditionExpression: '#p = :p',
      ExpressionAttributeNames: { '#p': attribute },
      ExpressionAttributeValues: { ':p': { S: `${IndexName} ${partition}` } },
    });
    const indexed = (partition: string, timestamp: string): Item => ({
      [attribute]: { S: `${IndexName} ${partition}` },
      timestamp: { S: timestamp },
    });

    it(
      'gives the items of one partition by their time, a page at a time',
      inTime(async () => {
        for (const time of ['3', '1', '5', '2', '4'])
          await put(toItem(`${IndexName}${time}`, time, indexed('times', time)));
        await put(toItem(`${IndexName}-none`, '9', { timestamp: { S: '9' } }));
        await put(toItem(`${IndexName}-other`, '8', indexed('other', '8')));
        await subject.settle();
        const ids = async (input: Partial<QueryCommandInput>) =>
          (await pages({ ...inIndex('times'), ...input })).flatMap((page) => page.ids);
        expect(await ids({ Limit: 2 })).toEqual(['1', '2', '3', '4', '5']);
        expect(await ids({ Limit: 2, ScanIndexForward: false })).toEqual(['5', '4', '3', '2', '1']);
      }),
    );

    it(
      'passes over none of many items of one time',
      inTime(async () => {
        const expected = Array.from({ length: 7 }, (_, number) => `${number}`);
        for (const id of expected) await put(toItem(`${IndexName}-same`, id, indexed('same', 'T')));
        await subject.settle();
        const found = (await pages({ ...inIndex('same'), Limit: 2 })).flatMap(({ ids }) => ids);
        expect(found.toSorted()).toEqual(expected);
      }),
    );

    it(
      "names a page's last item by the keys of the table and of the index",
      inTime(async () => {
        const item = toItem(`${IndexName}-key`, '1', indexed('key', 'T1'));
        await put({ ...item, other: { S: 'x' } });
        await put(toItem(`${IndexName}-key`, '2', indexed('key', 'T2')));
        await subject.settle();
        expect((await query({ ...inIndex('key'), Limit: 1 })).LastEvaluatedKey).toEqual(item);
      }),
    );

    it(
      'follows an item that changes its place, and forgets one that is deleted or leaves',
      inTime(async () => {
        const key = toItem(`${IndexName}-moves`, '1');
        const ids = async (partition: string) => (await query(inIndex(partition))).Items?.map(idOf);
        await put({ ...key, ...indexed('before', '1') });
        await subject.settle();
        expect(await ids('before')).toEqual(['1']);
        await put({ ...key, ...indexed('after', '2') });
        await subject.settle();
        expect([await ids('before'), await ids('after')]).toEqual([[], ['1']]);
        await put({ ...key, timestamp: { S: '3' } });
        await subject.settle();
        expect(await ids('after')).toEqual([]);
        await put({ ...key, ...indexed('after', '4') });
        await subject.client.send(new DeleteItemCommand({ TableName, Key: key }));
        await subject.settle();
        expect(await ids('after')).toEqual([]);
      }),
    );

    it(
      'has no consistent reads',
      inTime(async () => {
        const error = { name: 'ValidationException' };
        await expect(query({ ...inIndex('times'), ConsistentRead: true })).rejects.toMatchObject(error);
      }),
    );
  });

  describe('batches', () => {
    const writeAll = (requests: readonly object[]) =>
      subject.client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: [...requests] } }));
    const toPut = (Item: Item) => ({ PutRequest: { Item } });
    const readAll = (Keys: Item[]) =>
      subject.client.send(
        new BatchGetItemCommand({
          RequestItems: { [TableName]: { Keys, ConsistentRead: true, ProjectionExpression: 's3_object, upload_id' } },
        }),
      );
    const numbered = (partition: string, count: number) =>
      Array.from({ length: count }, (_, number) => toItem(partition, String(number).padStart(3, '0')));

    it(
      'put and delete 25 items',
      inTime(async () => {
        const items = numbered('batch', 25);
        expect((await writeAll(items.map(toPut))).UnprocessedItems).toEqual({});
        await writeAll([{ DeleteRequest: { Key: items[0] } }, toPut(toItem('batch', 'new'))]);
        const { Responses = {}, UnprocessedKeys } = await readAll([...items, toItem('batch', 'new')]);
        const expected = [...items.slice(1), toItem('batch', 'new')];
        expect(Responses[TableName]?.toSorted(byId)).toEqual(expected);
        expect(UnprocessedKeys).toEqual({});
      }),
    );

    it(
      'are refused as a whole for 26 items, for none and for one key twice',
      inTime(async () => {
        const error = { name: 'ValidationException' };
        const items = numbered('refused', 26);
        await expect(writeAll(items.map(toPut))).rejects.toMatchObject(error);
        await expect(writeAll([])).rejects.toMatchObject(error);
        await expect(writeAll([...items.slice(0, 2), items[0] ?? {}].map(toPut))).rejects.toMatchObject(error);
        const bad = toItem('refused', 'x'.repeat(1025));
        await expect(writeAll([...items.slice(0, 2), bad].map(toPut))).rejects.toMatchObject(error);
        expect((await readAll(items)).Responses).toEqual({ [TableName]: [] });
      }),
    );

    it(
      'read 100 items, and no more, and none twice',
      inTime(async () => {
        const error = { name: 'ValidationException' };
        const keys = numbered('many', 101);
        expect((await readAll(keys.slice(0, 100))).Responses).toEqual({ [TableName]: [] });
        await expect(readAll(keys)).rejects.toMatchObject(error);
        await expect(readAll([...keys.slice(0, 2), ...keys.slice(0, 1)])).rejects.toMatchObject(error);
      }),
    );
  });

  it(
    'scans every item once, those of one partition together',
    inTime(async () => {
      for (let id = 0; id < 30; id += 1) await put(toItem(`scan-${id % 7}`, `${id}`.padStart(2, '0')));
      const seen: string[] = [];
      let startKey: Item | undefined;
      do {
        const command = new ScanCommand({ TableName, Limit: 4, ExclusiveStartKey: startKey });
        const { Items = [], LastEvaluatedKey } = await subject.client.send(command);
        seen.push(...Items.map((item) => `${item.s3_object?.S} ${idOf(item)}`));
        startKey = LastEvaluatedKey;
      } while (startKey !== undefined);
      const scanned = seen.filter((key) => key.startsWith('scan-'));
      expect(scanned).toHaveLength(30);
      expect(new Set(seen).size).toBe(seen.length);
      const partitions = seen.map((key) => key.split(' ')[0]);
      const changes = partitions.filter((partition, at) => partition !== partitions[at - 1]);
      expect(changes).toHaveLength(new Set(partitions).size);
      expect(scanned.filter((key) => key.startsWith('scan-3 '))).toEqual([
        'scan-3 03',
        'scan-3 10',
        'scan-3 17',
        'scan-3 24',
      ]);
    }),
  );
});

function toItem(partition: string, id: string, attributes: Item = {}): Item {
  return { s3_object: { S: partition }, upload_id: { S: id }, ...attributes };
}

/** Those placeholders that the expression uses, if it uses any. */
function usedIn<T>(expression: string, placeholders: Readonly<Record<string, T>>): Record<string, T> | undefined {
  const used = Object.entries(placeholders).filter(([name]) => expression.includes(name));
  return used.length === 0 ? undefined : Object.fromEntries(used);
}

function idOf(item: Item): string {
  return item.upload_id?.S ?? '';
}

function byId(a: Item, b: Item): number {
  return idOf(a) < idOf(b) ? -1 : 1;
}
