import { BatchWriteItemCommand, DeleteItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it, onTestFinished } from 'vitest';
import { HOUR_MS, MINUTE_MS } from '../../../../src/shared/time.ts';
import { type Handle, localMapping, MAX_AGE_MS, simulatedMapping } from './stream-subjects.ts';
import { emulatedTable, simulatedTable } from './table-subjects.ts';

const key = (id: string) => ({ s3_object: { S: 'bucket/key' }, upload_id: { S: id } });
const item = (id: string, size = '1') => ({ ...key(id), size: { N: size } });

describe.each([
  { kind: 'emulated', open: emulatedTable },
  { kind: 'simulated', open: simulatedTable },
])('the stream of a table, $kind', ({ open }) => {
  it('has a change for each item that a call has added, changed or deleted, in this order, and no other', async () => {
    const subject = await open();
    onTestFinished(() => subject.close());
    const { client, tableName: TableName } = subject;
    const changes = subject.openStream();
    await subject.run(async () => {
      await client.send(new PutItemCommand({ TableName, Item: item('1') }));
      await client.send(new PutItemCommand({ TableName, Item: item('1') }));
      const puts = [item('1', '2'), item('2'), item('3')].map((Item) => ({ PutRequest: { Item } }));
      await client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: puts } }));
      const isNew = 'attribute_not_exists(s3_object)';
      const refused = new PutItemCommand({ TableName, Item: item('2', '5'), ConditionExpression: isNew });
      await expect(client.send(refused)).rejects.toThrow(/conditional/i);
      await client.send(new DeleteItemCommand({ TableName, Key: key('2') }));
      await client.send(new DeleteItemCommand({ TableName, Key: key('2') }));
      await client.send(
        new UpdateItemCommand({
          TableName,
          Key: key('4'),
          UpdateExpression: 'SET #size = :size',
          ExpressionAttributeNames: { '#size': 'size' },
          ExpressionAttributeValues: { ':size': { N: '1' } },
        }),
      );
      await client.send(new PutItemCommand({ TableName, Item: item('2') }));
    });
    expect(changes.map(({ eventName, dynamodb }) => [eventName, dynamodb?.Keys, dynamodb?.NewImage])).toEqual([
      ['INSERT', key('1'), item('1')],
      ['MODIFY', key('1'), item('1', '2')],
      ['INSERT', key('2'), item('2')],
      ['INSERT', key('3'), item('3')],
      ['REMOVE', key('2'), undefined],
      ['INSERT', key('4'), item('4')],
      ['INSERT', key('2'), item('2')],
    ]);
  });
});

describe.each([
  { kind: 'of the local stack', open: localMapping },
  { kind: 'simulated', open: simulatedMapping },
])('a mapping of a stream, $kind', ({ open }) => {
  /** Runs until nothing is tried any more. */
  const run = async (numbers: readonly number[], handle: Handle = () => []) => {
    const { put, clock, close, ...seen } = open(handle);
    put(...numbers);
    await clock.run(clock.sleep(MAX_AGE_MS + HOUR_MS));
    await clock.run(close());
    return seen;
  };

  it('hands over full batches, in order', async () => {
    const { batches } = await run([1, 2, 3, 4, 5, 6, 7]);
    expect(batches).toEqual([
      [1, 2, 3, 4],
      [5, 6, 7],
    ]);
  });

  it('skips what no filter matches', async () => {
    const { batches } = await run([1, -2, 3, -4]);
    expect(batches).toEqual([[1, 3]]);
  });

  it('goes on from the first record that the answer names', async () => {
    const { batches } = await run([1, 2, 3, 4, 5], (_, invocation) => (invocation === 1 ? [4, 3] : []));
    expect(batches).toEqual([[1, 2, 3, 4], [3, 4], [5]]);
  });

  it('repeats a batch of which the first record has failed, without dividing it', async () => {
    const { batches } = await run([1, 2], (_, invocation) => (invocation < 3 ? [1] : []));
    expect(batches).toEqual([
      [1, 2],
      [1, 2],
      [1, 2],
    ]);
  });

  it.each<[string, Handle]>([
    ['throws', () => new Error('crashed')],
    ['names a record that was not in the batch', () => [99]],
  ])('divides a batch when the function %s', async (_, fail) => {
    const handle: Handle = (numbers, invocation) => (invocation < 4 ? fail(numbers, invocation) : []);
    const { batches } = await run([1, 2, 3, 4], handle);
    expect(batches).toEqual([[1, 2, 3, 4], [1, 2], [1], [1], [2], [3, 4]]);
  });

  it('gives up what is too old, names it, and goes on', async () => {
    const { batches, failures } = await run([1, 2, 3, 4, 5], (numbers) => (numbers.includes(2) ? [2] : []));
    expect(batches.slice(0, 2)).toEqual([
      [1, 2, 3, 4],
      [2, 3, 4],
    ]);
    expect(batches.slice(2, -1).every((batch) => batch.join() === '2,3,4')).toBe(true);
    // Behind those that were tried too long, and as old.
    expect(batches.at(-1)).toEqual([2, 3, 4]);
    expect(failures.map(({ numbers }) => numbers)).toEqual([
      [2, 4, 3],
      [5, 5, 1],
    ]);
    for (const { condition, ageMs } of failures) {
      expect(condition).toBe('RecordAgeExceeded');
      expect(ageMs).toBeGreaterThan(MAX_AGE_MS);
      expect(ageMs).toBeLessThan(MAX_AGE_MS + 2 * MINUTE_MS);
    }
  });
});
