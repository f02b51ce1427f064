import { Readable } from 'node:stream';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { describe, expect, it, vi } from 'vitest';
import { bytesOf, openBatchWriteCall } from '../../../src/ledger/write/batch-write.ts';

interface Sent {
  readonly hostname: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What DynamoDB answers to a request. */
type Answer = (sent: Sent) => { readonly statusCode: number; readonly body: string };

const REFUSED = JSON.stringify({ __type: 'com.amazon.coral.validate#ValidationException', message: 'empty key' });

const echo: Answer = ({ body }) => ({ statusCode: 200, body });

/** A call through a connection that gives `answer` to each request, in pieces as a network does. */
function callOf(answer: Answer, table = 'ledger') {
  const handle = vi.fn(async (request: Sent, _: { readonly abortSignal?: AbortSignal }) => {
    const { statusCode, body } = answer(request);
    return { response: { statusCode, headers: {}, body: Readable.from([Buffer.from(body)]) } };
  });
  const client = new DynamoDBClient({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
    requestHandler: { handle } as never,
  });
  return { call: openBatchWriteCall(client, table), handle };
}

describe('one BatchWriteItem call', () => {
  it('sends its body as it is, and gives the answer as it came', async () => {
    const { call, handle } = callOf(() => ({ statusCode: 200, body: '{"UnprocessedItems":{"é":[]}}' }));
    expect(await call('{"a":"ü"}', new AbortController().signal)).toEqual({ UnprocessedItems: { é: [] } });
    expect(handle.mock.calls.map(([{ body }]) => body)).toEqual(['{"a":"ü"}']);
  });

  it('gives each of two that overlap its own answer, and stops it by its own signal', async () => {
    const { call, handle } = callOf(echo);
    const signals = [new AbortController().signal, new AbortController().signal] as const;
    expect(await Promise.all([call('[1]', signals[0]), call('[2]', signals[1])])).toEqual([[1], [2]]);
    for (const [{ body }, { abortSignal }] of handle.mock.calls) {
      expect(abortSignal).toBe(signals[body === '[1]' ? 0 : 1]);
    }
  });

  it('is signed, and carries nothing that DynamoDB makes no use of', async () => {
    const { call, handle } = callOf(echo);
    await call('{}', new AbortController().signal);
    const headers = Object.keys(handle.mock.calls[0]?.[0].headers ?? {});
    expect(headers).toContain('authorization');
    expect(headers).not.toContain('user-agent');
    expect(headers).not.toContain('x-amz-user-agent');
  });

  it('goes where the SDK sends calls for a table, that of another account too', async () => {
    for (const [table, account] of [
      ['ledger', ''],
      ['arn:aws:dynamodb:eu-west-1:111122223333:table/ledger', '111122223333.'],
    ] as const) {
      const { call, handle } = callOf(echo, table);
      await call('{}', new AbortController().signal);
      const host = account === '' ? 'dynamodb' : 'ddb';
      expect(handle.mock.calls[0]?.[0].hostname).toBe(`${account}${host}.eu-west-1.amazonaws.com`);
    }
  });

  it("fails with DynamoDB's name and message for an error", async () => {
    const { call } = callOf(() => ({ statusCode: 400, body: REFUSED }));
    await expect(call('{}', new AbortController().signal)).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'empty key',
    });
  });
});

describe('the bytes of an answer', () => {
  it('are all that the stream gave, in order', async () => {
    expect(String(await bytesOf(Readable.from([Buffer.from('a'), Buffer.from('bc')])))).toBe('abc');
    expect(String(await bytesOf(Readable.from([])))).toBe('');
  });

  it('are those of a body that is at hand', async () => {
    expect(String(await bytesOf(new Uint8Array([97, 98])))).toBe('ab');
  });

  it('fail with the error of the stream', async () => {
    const broken = new Readable({ read: () => undefined });
    const bytes = bytesOf(broken);
    broken.destroy(new Error('broken'));
    await expect(bytes).rejects.toThrow('broken');
  });

  it('fail as a cut connection does, which is tried again, where the stream ends too early', async () => {
    const cut = new Readable({ read: () => undefined });
    const bytes = bytesOf(cut);
    cut.push('half');
    cut.destroy();
    await expect(bytes).rejects.toMatchObject({ code: 'ECONNRESET', message: 'The answer was cut off.' });
  });
});
