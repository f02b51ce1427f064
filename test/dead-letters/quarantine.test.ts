import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createQuarantine } from '../../src/dead-letters/quarantine.ts';
import { sqsMessage } from '../builders/sqs-message.ts';
import { type SqsServer, startSqs } from './sqs-server.ts';

let sqs: SqsServer;

beforeAll(async () => {
  sqs = await startSqs();
});
afterAll(() => sqs.close());

const WHY = { reason: 'not-json', detail: 'expected JSON, got noise' } as const;
const never = new AbortController().signal;

/** A dead-letter queue of its own, and what quarantining `message` puts into it. */
async function quarantined(
  message: ReturnType<typeof sqsMessage>,
  why: Parameters<ReturnType<typeof createQuarantine>>[1] = WHY,
) {
  const queueUrl = await sqs.createQueue(`dlq-${message.messageId}`);
  await createQuarantine({ client: async () => sqs.client, queueUrl })(message, why, never);
  const received = await sqs.receive(queueUrl);
  expect(received).toHaveLength(1);
  const { Body, MessageAttributes = {} } = received[0] ?? {};
  return { body: Body, attributes: MessageAttributes };
}

describe('createQuarantine', () => {
  it('puts a copy of the message into the dead-letter queue with the reason among its attributes', async () => {
    const message = sqsMessage({ body: 'noise' });
    const { body, attributes } = await quarantined(message);
    expect(body).toBe('noise');
    expect(attributes).toMatchObject({
      reason: { DataType: 'String', StringValue: 'not-json' },
      detail: { DataType: 'String', StringValue: 'expected JSON, got noise' },
      original_message_id: { DataType: 'String', StringValue: message.messageId },
    });
  });

  it('keeps the attributes of the message', async () => {
    const messageAttributes = {
      tenant: { dataType: 'String', stringValue: 'acme' },
      weight: { dataType: 'Number.kg', stringValue: '12' },
      seal: { dataType: 'Binary', binaryValue: Buffer.from([1, 2, 255]).toString('base64') },
    };
    const { attributes } = await quarantined(sqsMessage({ body: 'noise', messageAttributes }));
    expect(attributes.tenant).toMatchObject({ DataType: 'String', StringValue: 'acme' });
    expect(attributes.weight).toMatchObject({ DataType: 'Number.kg', StringValue: '12' });
    expect([...(attributes.seal?.BinaryValue ?? [])]).toEqual([1, 2, 255]);
  });

  it('leaves out attributes that SQS has no room for, never its own', async () => {
    const names = Array.from({ length: 10 }, (_, index) => `own-${index}`);
    const messageAttributes = Object.fromEntries(names.map((name) => [name, { dataType: 'String', stringValue: 'x' }]));
    const { attributes } = await quarantined(sqsMessage({ body: 'noise', messageAttributes }));
    expect(Object.keys(attributes).sort()).toEqual(['detail', 'original_message_id', ...names.slice(0, 7), 'reason']);
  });

  it('writes the latest reason when a message is quarantined again', async () => {
    const messageAttributes = { reason: { dataType: 'String', stringValue: 'no-records' } };
    const { attributes } = await quarantined(sqsMessage({ body: 'noise', messageAttributes }));
    expect(attributes.reason?.StringValue).toBe('not-json');
  });

  it('writes a placeholder where the body is empty, because SQS takes no empty body', async () => {
    const { body } = await quarantined(sqsMessage({ body: '' }), { reason: 'empty-body', detail: 'nothing' });
    expect(body).toBe('(empty body)');
  });

  it('cuts the detail to 500 characters that SQS allows, none of them half', async () => {
    const detail = `a\u0000b\ud800c\ufffed${'😀'.repeat(400)}`;
    const { attributes } = await quarantined(sqsMessage({ body: 'noise' }), { reason: 'not-json', detail });
    const text = attributes.detail?.StringValue ?? '';
    expect(text.startsWith('a\ufffdb\ufffdc\ufffdd😀')).toBe(true);
    expect(text.length).toBe(499);
    expect(text.isWellFormed()).toBe(true);
  });

  it('writes a detail even where there is none', async () => {
    const { attributes } = await quarantined(sqsMessage({ body: 'noise' }), { reason: 'not-json', detail: '' });
    expect(attributes.detail?.StringValue).toBe('no detail');
  });

  const MIB = 1024 * 1024;
  const sizeOf = ({ body = '', attributes }: Awaited<ReturnType<typeof quarantined>>) =>
    Object.entries(attributes).reduce(
      (sum, [name, { DataType, StringValue }]) => sum + Buffer.byteLength(`${name}${DataType}${StringValue}`),
      Buffer.byteLength(body),
    );

  it.each([
    ['of plain text', 'x'.repeat(MIB)],
    ['of long characters', '\u20ac'.repeat(MIB / 3)],
    ['with attributes of its own', 'x'.repeat(MIB - 4_000)],
  ])('cuts a body %s that leaves no room for the reason, and says how long it was and its hash', async (_, whole) => {
    const messageAttributes =
      whole.length === MIB - 4_000
        ? Object.fromEntries(
            ['one', 'two', 'three'].map((name) => [name, { dataType: 'String', stringValue: 'y'.repeat(1_300) }]),
          )
        : {};
    const copy = await quarantined(sqsMessage({ body: whole, messageAttributes }));
    expect(copy.attributes).toMatchObject({
      reason: { StringValue: 'not-json' },
      body_bytes: { StringValue: String(Buffer.byteLength(whole)) },
      body_sha256: { StringValue: createHash('sha256').update(whole).digest('hex') },
    });
    expect(whole.startsWith(copy.body ?? '-')).toBe(true);
    expect(sizeOf(copy)).toBeLessThanOrEqual(MIB);
    // No more is cut than a character needs.
    expect(sizeOf(copy)).toBeGreaterThan(MIB - 4);
  });

  it('leaves a body whole that has just enough room, and says nothing of its length', async () => {
    const { attributes } = await quarantined(sqsMessage({ body: 'noise' }));
    const rest = sizeOf({ body: '', attributes });
    const message = sqsMessage({ body: 'x'.repeat(MIB - rest) });
    // The id is of the same length or one longer.
    const spare = message.messageId.length - (attributes.original_message_id?.StringValue?.length ?? 0);
    const copy = await quarantined({ ...message, body: message.body.slice(spare) });
    expect(copy.body).toHaveLength(MIB - rest - spare);
    expect(copy.attributes).not.toHaveProperty('body_bytes');
  });

  it('says which message it could not move, and why', async () => {
    const quarantine = createQuarantine({
      client: async () => sqs.client,
      queueUrl: 'http://127.0.0.1/000000000000/absent',
    });
    const message = sqsMessage({ body: 'noise' });
    await expect(quarantine(message, WHY, never)).rejects.toMatchObject({
      name: 'NotQuarantinedError',
      code: 'not-quarantined',
      message: expect.stringContaining(message.messageId),
    });
  });

  it('gives up when the invocation runs out of time', async () => {
    const queueUrl = await sqs.createQueue('dlq-late');
    const quarantine = createQuarantine({ client: async () => sqs.client, queueUrl });
    await expect(quarantine(sqsMessage({ body: 'noise' }), WHY, AbortSignal.abort())).rejects.toMatchObject({
      code: 'not-quarantined',
    });
  });

  it('sends many messages at most eight at a time', async () => {
    let inFlight = 0;
    let most = 0;
    const send = vi.fn(async () => {
      inFlight += 1;
      most = Math.max(most, inFlight);
      await new Promise(setImmediate);
      inFlight -= 1;
    });
    const quarantine = createQuarantine({
      client: async () => ({ send }) as never,
      queueUrl: 'http://127.0.0.1/1/dlq',
    });
    await Promise.all(Array.from({ length: 100 }, () => quarantine(sqsMessage({ body: 'noise' }), WHY, never)));
    expect(send).toHaveBeenCalledTimes(100);
    expect(most).toBe(8);
  });

  it('goes on with the others when one fails', async () => {
    const send = vi.fn(async () => {
      await null;
      if (send.mock.calls.length % 3 === 0) throw new Error('injected');
    });
    const quarantine = createQuarantine({
      client: async () => ({ send }) as never,
      queueUrl: 'http://127.0.0.1/1/dlq',
    });
    const all = Array.from({ length: 30 }, () => quarantine(sqsMessage({ body: 'noise' }), WHY, never));
    await Promise.allSettled(all);
    expect(send).toHaveBeenCalledTimes(30);
  });
});
