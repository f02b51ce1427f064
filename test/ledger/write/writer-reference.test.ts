import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LedgerRecord } from '../../../src/ledger/record.ts';
import { toLedgerRecord } from '../../../src/ledger/record.ts';
import type { SendPuts } from '../../../src/ledger/write/batch-write.ts';
import { createBatchWrite } from '../../../src/ledger/write/batch-write.ts';
import { upload } from '../../builders/upload.ts';
import { clientOf } from '../dynamodb-server.ts';
import { anyRecord } from '../records.ts';
import { openReferenceBatchWrite } from './reference-batch-write.ts';
import { type Sent, signatureOf } from './signature.ts';

let server: Server;
let endpoint: string;
let sent: Sent[] = [];
const EMPTY = '{"UnprocessedItems":{}}';
let answer = EMPTY;

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const { method, url, headers } = request;
    sent.push({ method, url, headers, body: await text(request) });
    response.end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

const SIGNER = { region: 'eu-west-1', secret: 'secret' };

/** Headers that differ from request to request by their nature. */
const OWN_HEADERS = ['amz-sdk-invocation-id', 'x-amz-date', 'authorization', 'user-agent', 'x-amz-user-agent'];

async function requestOf(send: SendPuts, records: readonly LedgerRecord[]) {
  sent = [];
  const answered = await send(records, new AbortController().signal);
  expect(sent).toHaveLength(1);
  const { headers = {}, body = '', ...line } = sent[0] ?? {};
  return { ...line, headers: without(headers, OWN_HEADERS), body, answered };
}

function without(headers: IncomingHttpHeaders, names: readonly string[]) {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)));
}

/** Attributes in the order in which `toLedgerRecord` gives them. */
const ORDER = Object.keys(
  toLedgerRecord(
    upload({
      ...{
        size: 1,
        contentType: 'image/jpeg',
        sourceIp: '::1',
        eTag: 'e',
        versionId: 'v',
        requestId: 'r',
        region: 'eu',
      },
      ...{ uploader: 'alice', uploaderSource: 'metadata' },
    }),
    { indexShards: 8, retentionDays: 1, source: 'notification' },
  ),
);

function inOrder(record: LedgerRecord): LedgerRecord {
  const attributes = Object.entries(record).sort(([one], [other]) => ORDER.indexOf(one) - ORDER.indexOf(other));
  return Object.fromEntries(attributes) as unknown as LedgerRecord;
}

describe('the BatchWriteItem call of createBatchWrite', () => {
  it('equals the call that the SDK would make, byte for byte', async () => {
    const ours = createBatchWrite(clientOf(endpoint), 'ledger');
    const reference = openReferenceBatchWrite(clientOf(endpoint), 'ledger');
    await fc.assert(
      fc.asyncProperty(fc.array(anyRecord, { minLength: 1, maxLength: 25 }), async (records) => {
        const ordered = records.map(inOrder);
        expect(await requestOf(ours, ordered)).toEqual(await requestOf(reference, ordered));
      }),
      { seed: 5, numRuns: 100 },
    );
  });

  it('is signed over the body that is sent', async () => {
    const [record] = fc.sample(anyRecord, { seed: 7, numRuns: 1 }) as [LedgerRecord];
    await createBatchWrite(clientOf(endpoint), 'ledger')([record], new AbortController().signal);
    const request = sent.at(-1) as Sent;
    expect(request.headers['content-length']).toBe(String(Buffer.byteLength(request.body)));
    expect(request.headers.authorization).toMatch(new RegExp(`Signature=${signatureOf(request, SIGNER)}$`));
  });

  it('is signed with the credentials that are current', async () => {
    let signed = 0;
    const client = new DynamoDBClient({
      endpoint,
      region: 'eu-west-1',
      credentials: async () => {
        signed += 1;
        return { accessKeyId: `key${signed}`, secretAccessKey: 'secret', expiration: new Date() };
      },
    });
    const [record] = fc.sample(anyRecord, { seed: 9, numRuns: 1 }) as [LedgerRecord];
    const send = createBatchWrite(client, 'ledger');
    sent = [];
    for (let call = 0; call < 3; call++) await send([record], new AbortController().signal);
    const keys = sent.map(({ headers }) => /Credential=(\w+)/.exec(headers.authorization ?? '')?.[1]);
    expect(new Set(keys).size).toBe(3);
    expect(sent.at(-1)?.headers.authorization).toContain(signatureOf(sent.at(-1) as Sent, SIGNER));
  });

  it('says which records came back, as the SDK would', async () => {
    answer =
      '{"UnprocessedItems":{"ledger":[{"PutRequest":{"Item":{"s3_object":{"S":"b/1"},"upload_id":{"S":"2"}}}}]}}';
    const [record] = fc.sample(anyRecord, { seed: 6, numRuns: 1 }) as [LedgerRecord];
    const ours = await createBatchWrite(clientOf(endpoint), 'ledger')([record], new AbortController().signal);
    const theirs = await openReferenceBatchWrite(clientOf(endpoint), 'ledger')([record], new AbortController().signal);
    answer = EMPTY;
    expect(ours).toEqual([{ s3_object: 'b/1', upload_id: '2' }]);
    expect(ours).toEqual(theirs);
  });

  it.each(['', '{}', 'null', '[]', '7', '{"UnprocessedItems":null}', '{"UnprocessedItems":{"ledger":[7', '<html>'])(
    'does not take the answer %j for one that says what was stored',
    async (came) => {
      const [record] = fc.sample(anyRecord, { seed: 8, numRuns: 1 }) as [LedgerRecord];
      answer = came;
      const call = createBatchWrite(clientOf(endpoint), 'ledger')([record], new AbortController().signal);
      await expect(call.finally(() => (answer = EMPTY))).rejects.toThrow();
    },
  );

  it('has a body of its own when calls overlap', async () => {
    sent = [];
    const send = createBatchWrite(clientOf(endpoint), 'ledger');
    const { signal } = new AbortController();
    const all = fc.sample(anyRecord, { seed: 9, numRuns: 20 });
    await Promise.all(all.map((record) => send([record], signal)));
    const names = sent.map(({ body }) => JSON.parse(body).RequestItems.ledger[0].PutRequest.Item.s3_object.S);
    expect(names.sort()).toEqual(all.map(({ s3_object }) => s3_object).sort());
  });
});
