import { ConditionalCheckFailedException, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fromItem, toItem } from '../../../src/ledger/item.ts';
import type { LedgerRecord } from '../../../src/ledger/record.ts';
import { createBatchWrite } from '../../../src/ledger/write/batch-write.ts';
import { createPutUnlessBetter } from '../../../src/ledger/write/put-unless-better.ts';
import { LedgerWriter } from '../../../src/ledger/write/writer.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { type DynamoDBServer, startDynamoDB, TABLE_NAME } from '../dynamodb-server.ts';
import { ledgerRecord } from '../records.ts';

const remainingMilliseconds = () => 30_000;
let server: DynamoDBServer;
let made = 0;

beforeAll(async () => {
  server = await startDynamoDB();
});
afterAll(() => server.close());
beforeEach(() => {
  made += 1;
  server.requests.length = 0;
});

const key = () => ({ s3_object: `bucket/${made}.txt` });
const byMetadata = () => ledgerRecord({ ...key(), uploader: 'alice', uploader_source: 'metadata' });
const bySession = () => ledgerRecord({ ...key(), uploader: 'upload-role', uploader_source: 'session-name' });

function open(client: Pick<DynamoDBServer['client'], 'send'> = server.client, remaining = remainingMilliseconds) {
  const send = createBatchWrite(server.client, TABLE_NAME);
  const ledger = new LedgerWriter({ send, remainingMilliseconds: remaining, clock: systemClock });
  const options = { client: client as typeof server.client, tableName: TABLE_NAME, clock: systemClock };
  return { ledger, putUnlessBetter: createPutUnlessBetter({ ...options, ledger, remainingMilliseconds: remaining }) };
}

async function stored({ s3_object, upload_id }: LedgerRecord): Promise<LedgerRecord> {
  const Key = { s3_object: { S: s3_object }, upload_id: { S: upload_id } };
  const { Item = {} } = await server.client.send(new GetItemCommand({ TableName: TABLE_NAME, Key }));
  return fromItem(Item);
}

describe('a put unless the record is better', () => {
  it('stores a record that is not there', async () => {
    expect(await open().putUnlessBetter(bySession())).toEqual(bySession());
    expect(await stored(bySession())).toEqual(bySession());
  });

  it('leaves the record that has the uploader of the metadata', async () => {
    const { ledger, putUnlessBetter } = open();
    await ledger.put(byMetadata());
    await open().putUnlessBetter(bySession());
    expect(await stored(bySession())).toEqual(byMetadata());
    expect(await putUnlessBetter(bySession())).toBeUndefined();
  });

  it.each([
    ['another source', { uploader: 'someone', uploader_source: 'principal' }],
    ['no uploader', {}],
  ] as const)('replaces a record with %s', async (_, { ...parts }) => {
    const { uploader: _u, uploader_source: _s, ...bare } = bySession();
    await open().ledger.put({ ...bare, ...parts });
    await open().putUnlessBetter(bySession());
    expect(await stored(bySession())).toEqual(bySession());
  });

  it('tells the record as it is in the table, where DynamoDB does', async () => {
    const send = async () => {
      const Item = toItem(byMetadata());
      throw new ConditionalCheckFailedException({ message: 'The conditional request failed', $metadata: {}, Item });
    };
    expect(await open({ send }).putUnlessBetter(bySession())).toEqual(byMetadata());
  });

  it('follows the put of a certain record of the same batch, whichever comes first', async () => {
    const { ledger, putUnlessBetter } = open();
    const [uncertain, certain] = await Promise.all([putUnlessBetter(bySession()), ledger.put(byMetadata())]);
    expect([uncertain, certain]).toEqual([undefined, true]);
    expect(await stored(bySession())).toEqual(byMetadata());
    expect(server.requests).toEqual([1]);
  });

  it('sends two puts of one key once', async () => {
    let calls = 0;
    const send = async () => {
      calls += 1;
      return {};
    };
    const { putUnlessBetter } = open({ send } as never);
    const outcomes = await Promise.all([putUnlessBetter(bySession()), putUnlessBetter(bySession())]);
    expect(outcomes).toEqual([bySession(), undefined]);
    expect(calls).toBe(1);
  });

  it('fails a record alone that DynamoDB rejects', async () => {
    const send = async () => {
      throw Object.assign(new Error('injected'), { name: 'ValidationException' });
    };
    const { putUnlessBetter } = open({ send });
    await expect(putUnlessBetter(bySession())).rejects.toMatchObject({ code: 'refused-by-dynamodb' });
    made += 1;
    await expect(putUnlessBetter(bySession())).rejects.toMatchObject({ code: 'refused-by-dynamodb' });
  });

  it('tries again what DynamoDB throttles', async () => {
    let calls = 0;
    const send = async () => {
      calls += 1;
      if (calls < 3) throw Object.assign(new Error('injected'), { name: 'ThrottlingException' });
      return {};
    };
    expect(await open({ send } as never).putUnlessBetter(bySession())).toEqual(bySession());
    expect(calls).toBe(3);
  });

  it('makes no further call after one that failed as a whole', async () => {
    let calls = 0;
    const send = async () => {
      calls += 1;
      throw Object.assign(new Error('injected'), { name: 'InternalServerError' });
    };
    const { putUnlessBetter } = open({ send });
    await expect(putUnlessBetter(bySession())).rejects.toMatchObject({ code: 'call-failed' });
    made += 1;
    await expect(putUnlessBetter(bySession())).rejects.toMatchObject({ code: 'call-failed' });
    expect(calls).toBe(1);
  });

  it('gives up when the time of the invocation is over', async () => {
    const send = (_: unknown, { abortSignal }: { readonly abortSignal: AbortSignal }) =>
      new Promise((_resolve, reject) => {
        abortSignal.addEventListener('abort', () => reject(abortSignal.reason));
      });
    const { putUnlessBetter } = open({ send } as never, () => 1);
    await expect(putUnlessBetter(bySession())).rejects.toMatchObject({ code: 'out-of-time' });
    await expect(putUnlessBetter(byMetadata())).rejects.toMatchObject({ code: 'out-of-time' });
  });
});
