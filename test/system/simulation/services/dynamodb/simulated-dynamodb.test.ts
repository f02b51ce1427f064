import { DeleteItemCommand, GetItemCommand, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import type { LedgerRecord } from '../../../../../src/ledger/record.ts';
import { ledgerRecord, ledgerRecords } from '../../../../ledger/records.ts';
import { ClientRetries, Life } from '../process-life.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { SimulatedTable, type TableFault } from './simulated-dynamodb.ts';

const LATENCY_MS = 10;
const INDEX_DELAY_MS = 500;
const TABLE_NAME = 'ledger';

/** @param faults Of the tries to come, in order; then there are none. */
function openTable(...faults: (TableFault | undefined)[]) {
  const clock = new VirtualClock(0, 1);
  const table = new SimulatedTable({
    clock,
    fault: () => faults.shift(),
    latency: () => LATENCY_MS,
    indexDelay: () => INDEX_DELAY_MS,
  });
  const inIndex = async (day_shard: string) => {
    const command = new QueryCommand({
      TableName: TABLE_NAME,
      IndexName: 'by_day',
      KeyConditionExpression: '#p = :p',
      ExpressionAttributeNames: { '#p': 'day_shard' },
      ExpressionAttributeValues: { ':p': { S: day_shard } },
    });
    const { Items = [] } = await clock.run(table.client.send(command));
    return Items.map((item) => item.status?.S);
  };
  return { clock, table, inIndex };
}

const toKey = ({ s3_object, upload_id }: LedgerRecord) => ({
  s3_object: { S: s3_object },
  upload_id: { S: upload_id },
});
const noSignal = () => new AbortController().signal;

describe('an index', () => {
  const record = ledgerRecord();

  it('shows a put some time later', async () => {
    const { clock, table, inIndex } = openTable();
    table.put(record);
    expect(await inIndex(record.day_shard)).toEqual([]);
    await clock.runUntil(INDEX_DELAY_MS);
    expect(await inIndex(record.day_shard)).toEqual(['uploaded']);
  });

  it('shows what was replaced until it shows what came instead', async () => {
    const { clock, table, inIndex } = openTable();
    table.put(record);
    await clock.runUntil(INDEX_DELAY_MS);
    table.put({ ...record, status: 'deleted', day_shard: 'other' });
    expect([await inIndex(record.day_shard), await inIndex('other')]).toEqual([['uploaded'], []]);
    await clock.runUntil(2 * INDEX_DELAY_MS);
    expect([await inIndex(record.day_shard), await inIndex('other')]).toEqual([[], ['deleted']]);
  });

  it('shows what was deleted for a while', async () => {
    const { clock, table, inIndex } = openTable();
    table.put(record);
    await clock.runUntil(INDEX_DELAY_MS);
    await clock.run(table.client.send(new DeleteItemCommand({ TableName: TABLE_NAME, Key: toKey(record) })));
    expect(table.recordsOf(record.s3_object)).toEqual([]);
    expect(await inIndex(record.day_shard)).toEqual(['uploaded']);
    await clock.runUntil(3 * INDEX_DELAY_MS);
    expect(await inIndex(record.day_shard)).toEqual([]);
  });

  it('goes on showing an item over which an equal one is put', async () => {
    const { clock, table, inIndex } = openTable();
    table.put(record);
    await clock.runUntil(INDEX_DELAY_MS);
    table.put({ ...record });
    expect(await inIndex(record.day_shard)).toEqual(['uploaded']);
  });
});

describe('a call', () => {
  const put = new PutItemCommand({
    TableName: TABLE_NAME,
    Item: { s3_object: { S: 'a' }, upload_id: { S: '1' } },
    ConditionExpression: 'attribute_not_exists(s3_object)',
  });
  const isThere = async ({ clock, table }: ReturnType<typeof openTable>) => {
    const Key = { s3_object: { S: 'a' }, upload_id: { S: '1' } };
    return (await clock.run(table.client.send(new GetItemCommand({ TableName: TABLE_NAME, Key })))).Item !== undefined;
  };

  it('whose answer is lost was done, so that its repeat finds it done', async () => {
    const opened = openTable({ kind: 'answer-lost' });
    const { clock, table } = opened;
    await expect(clock.run(table.client.send(put))).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' });
    expect(table.calls.get('PutItem')).toBe(2);
    expect(await isThere(opened)).toBe(true);
  });

  it('that stalls is given up after three seconds, and never done', async () => {
    const stalled = { kind: 'stalled' } as const;
    const opened = openTable(stalled, stalled, stalled, stalled);
    const { clock, table } = opened;
    await expect(clock.run(table.client.send(put))).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(clock.now()).toBeGreaterThanOrEqual(12_000);
    expect(await isThere(opened)).toBe(false);
  });

  it('that comes late is done after the client has given it up', async () => {
    const late = { kind: 'late' } as const;
    const opened = openTable(late, late, late, late);
    const { clock, table } = opened;
    await expect(clock.run(table.client.send(put))).rejects.toMatchObject({ name: 'TimeoutError' });
    await clock.runUntil(20_000);
    expect(await isThere(opened)).toBe(true);
  });

  it('that is aborted on its way is done all the same', async () => {
    const opened = openTable();
    const { clock, table } = opened;
    const abortSignal = clock.timeout(1);
    await expect(clock.run(table.client.send(put, { abortSignal }))).rejects.toMatchObject({ name: 'AbortError' });
    await clock.runUntil(LATENCY_MS);
    expect(await isThere(opened)).toBe(true);
  });

  it('of a process that dies neither answers nor is repeated', async () => {
    const refused = { kind: 'refused' } as const;
    const { clock, table } = openTable(refused, refused, refused);
    const life = new Life(new ClientRetries(clock));
    let hasAnswered = false;
    const answered = () => {
      hasAnswered = true;
    };
    table.connect(life).client.send(put).then(answered, answered);
    clock.after(LATENCY_MS - 1, () => life.end());
    await clock.runUntil(60_000);
    expect(hasAnswered).toBe(false);
    expect(table.calls.get('PutItem')).toBe(1);
  });
});

describe('the retries of a client', () => {
  it('run out during an outage, and come back with calls that succeed', async () => {
    let isDown = true;
    const clock = new VirtualClock(0, 1);
    const fault = (): TableFault | undefined => (isDown ? { kind: 'refused' } : undefined);
    const table = new SimulatedTable({ clock, fault, latency: () => LATENCY_MS, indexDelay: () => 0 });
    const { client } = table.connect(new Life(new ClientRetries(clock)));
    const get = new GetItemCommand({ TableName: TABLE_NAME, Key: toKey(ledgerRecord()) });
    const triesOfOne = async () => {
      const before = table.calls.get('GetItem') ?? 0;
      await clock.run(client.send(get)).catch(() => undefined);
      return (table.calls.get('GetItem') ?? 0) - before;
    };
    expect(await triesOfOne()).toBe(4);
    for (let call = 0; call < 20; call += 1) await triesOfOne();
    expect(await triesOfOne()).toBe(1);
    isDown = false;
    for (let call = 0; call < 14; call += 1) expect(await triesOfOne()).toBe(1);
    isDown = true;
    expect(await triesOfOne()).toBe(2);
  });
});

describe('a batch', () => {
  it('gives back a share of its puts, and never all of them', async () => {
    const { clock, table } = openTable({ kind: 'unprocessed', share: 1 });
    const records = ledgerRecords(25);
    const unprocessed = await clock.run(table.sendPuts(records, noSignal()));
    expect(unprocessed).toEqual(records.slice(1));
    expect([...table.items()]).toHaveLength(1);
  });

  it('is refused as a whole when two puts have one key', async () => {
    const { clock, table } = openTable();
    const sent = clock.run(table.sendPuts([ledgerRecord(), ledgerRecord()], noSignal()));
    await expect(sent).rejects.toMatchObject({ name: 'ValidationException' });
    expect([...table.items()]).toEqual([]);
  });
});

it('gives the records of one object in the order of their ids', () => {
  const { table } = openTable();
  const records = ['b', 'a', 'c'].map((upload_id) => ledgerRecord({ upload_id }));
  for (const record of records) table.put(record);
  table.put(ledgerRecord({ s3_object: 'uploads-bucket/other' }));
  const ids = table.recordsOf('uploads-bucket/photos/cat.jpg').map(({ upload_id }) => upload_id);
  expect(ids).toEqual(['a', 'b', 'c']);
});
