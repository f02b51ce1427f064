import { Readable } from 'node:stream';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { describe, expect, it, vi } from 'vitest';
import { createBatchWrite } from '../../../src/ledger/write/batch-write.ts';
import { ledgerRecord, ledgerRecords } from '../records.ts';

interface Sent {
  readonly hostname: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What DynamoDB answers to a request. */
type Answer = (sent: Sent) => { readonly statusCode: number; readonly body: string };

const REFUSED = JSON.stringify({ __type: 'com.amazon.coral.validate#ValidationException', message: 'empty key' });

const stored: Answer = () => ({ statusCode: 200, body: '{"UnprocessedItems":{}}' });

/** Returns all puts of the request as unprocessed. */
const unprocessed: Answer = ({ body }) => ({
  statusCode: 200,
  body: JSON.stringify({ UnprocessedItems: JSON.parse(body).RequestItems }),
});

/** A sender whose connection gives `answer` to each request. */
function senderTo(answer: Answer, table = 'ledger') {
  const handle = vi.fn(async (request: Sent, _: { readonly abortSignal?: AbortSignal }) => {
    const { statusCode, body } = answer(request);
    return { response: { statusCode, headers: {}, body: Readable.from([Buffer.from(body)]) } };
  });
  const client = new DynamoDBClient({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
    requestHandler: { handle } as never,
  });
  return { send: createBatchWrite(client, table), handle };
}

const { signal } = new AbortController();

describe('createBatchWrite', () => {
  it('sends the records as JSON, with the length of the body in bytes', async () => {
    const { send, handle } = senderTo(stored);
    await send([ledgerRecord({ filename: 'ü.txt' })], signal);
    const [{ body = '', headers = {} } = {}] = handle.mock.calls.map(([sent]): Partial<Sent> => sent);
    expect(JSON.parse(body).RequestItems.ledger[0].PutRequest.Item.filename).toEqual({ S: 'ü.txt' });
    expect(headers['content-length']).toBe(String(Buffer.byteLength(body)));
    expect(headers).toHaveProperty('authorization');
  });

  it('gives each of two calls that overlap its own answer, and stops it by its own signal', async () => {
    const { send, handle } = senderTo(unprocessed);
    const calls = ledgerRecords(2).map((record) => ({ record, signal: new AbortController().signal }));
    const answers = await Promise.all(calls.map((call) => send([call.record], call.signal)));
    expect(answers).toEqual(calls.map(({ record: { s3_object, upload_id } }) => [{ s3_object, upload_id }]));
    for (const [{ body }, { abortSignal }] of handle.mock.calls) {
      const call = calls.find(({ record }) => body.includes(JSON.stringify(record.s3_object)));
      expect(abortSignal).toBe(call?.signal);
    }
  });

  it('sends calls for a table where the SDK does, for that of another account too', async () => {
    for (const [table, account] of [
      ['ledger', ''],
      ['arn:aws:dynamodb:eu-west-1:111122223333:table/ledger', '111122223333.'],
    ] as const) {
      const { send, handle } = senderTo(stored, table);
      await send([ledgerRecord()], signal);
      const host = account === '' ? 'dynamodb' : 'ddb';
      expect(handle.mock.calls[0]?.[0].hostname).toBe(`${account}${host}.eu-west-1.amazonaws.com`);
    }
  });

  it.each(['ProvisionedThroughputExceededException', 'ThrottlingException', 'RequestLimitExceeded'])(
    'does not repeat a call that was throttled as a whole (%s), and says so',
    async (type) => {
      const body = JSON.stringify({ __type: `com.amazonaws.dynamodb#${type}`, message: 'too much' });
      const { send, handle } = senderTo(() => ({ statusCode: 400, body }));
      await expect(send([ledgerRecord()], signal)).rejects.toMatchObject({ name: type, message: 'too much' });
      expect(handle).toHaveBeenCalledOnce();
    },
  );

  it('leaves a call that failed to the retries of the SDK', async () => {
    let calls = 0;
    const failed = { statusCode: 500, body: '{"__type":"com.amazonaws.dynamodb#InternalServerError"}' };
    const { send, handle } = senderTo((sent) => (calls++ === 0 ? failed : stored(sent)));
    expect(await send([ledgerRecord()], signal)).toEqual([]);
    expect(handle).toHaveBeenCalledTimes(2);
  });

  it("fails with DynamoDB's name and message for an error", async () => {
    const { send } = senderTo(() => ({ statusCode: 400, body: REFUSED }));
    await expect(send([ledgerRecord()], signal)).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'empty key',
    });
  });
});
