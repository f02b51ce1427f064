import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DeadLetterReceiver, readDeadLetters } from '../../src/dead-letters/receive.ts';
import { goodBody, openQueues } from './dead-letter-queues.ts';
import { type SqsServer, startSqs } from './sqs-server.ts';

let sqs: SqsServer;
let made = 0;

beforeAll(async () => {
  sqs = await startSqs();
});
afterAll(() => sqs.close());

const queues = () => openQueues(sqs, `receive-${made++}`);
const clock = { monotonic: () => performance.now() };

describe('DeadLetterReceiver', () => {
  it('shows each message once, and gives all of them back', async () => {
    const { deadLetters, send, bodies } = await queues();
    for (let number = 0; number < 120; number += 1) await send(deadLetters, `${number}`);
    const messages = await Array.fromAsync(readDeadLetters(deadLetters, { waitSeconds: 0, clock }));
    expect(new Set(messages.map(({ body }) => body)).size).toBe(120);
    expect(messages).toHaveLength(120);
    expect(await bodies(deadLetters)).toHaveLength(120);
  });

  it('gives the messages back when it is left early', async () => {
    const { deadLetters, send, bodies } = await queues();
    for (let number = 0; number < 15; number += 1) await send(deadLetters, `${number}`);
    for await (const _ of readDeadLetters(deadLetters, { waitSeconds: 0, clock })) break;
    expect(await bodies(deadLetters)).toHaveLength(15);
  });

  it('holds no more messages than it may', async () => {
    const { deadLetters, send, bodies } = await queues();
    for (let number = 0; number < 30; number += 1) await send(deadLetters, `${number}`);
    const receiver = new DeadLetterReceiver(deadLetters, { waitSeconds: 0, maxHeld: 10, clock });
    expect(await Array.fromAsync(receiver.messages())).toHaveLength(10);
    expect(receiver.isFull).toBe(true);
    expect(await receiver.close()).toBe(0);
    expect(await bodies(deadLetters)).toHaveLength(30);
  });

  it('keeps messages hidden for as long as it takes', async () => {
    const { deadLetters, send } = await queues();
    await send(deadLetters, 'one');
    let time = 0;
    const calls: string[] = [];
    const client = {
      send: (command: object) => {
        calls.push(command.constructor.name);
        return sqs.client.send(command as never);
      },
    } as unknown as typeof deadLetters.client;
    const options = { waitSeconds: 0, visibilitySeconds: 100, clock: { monotonic: () => time } };
    const receiver = new DeadLetterReceiver({ ...deadLetters, client }, options);
    await receiver.readAhead();
    time = 49_000;
    await receiver.readAhead();
    expect(calls).not.toContain('ChangeMessageVisibilityBatchCommand');
    time = 51_000;
    await receiver.readAhead();
    time = 90_000;
    await receiver.readAhead();
    expect(calls.filter((name) => name === 'ChangeMessageVisibilityBatchCommand')).toHaveLength(1);
    time = 102_000;
    await receiver.readAhead();
    expect(calls.filter((name) => name === 'ChangeMessageVisibilityBatchCommand')).toHaveLength(2);
    await receiver.close();
  });

  it('shows a message once that SQS delivers twice', async () => {
    const answers = [
      { Messages: [{ MessageId: 'a', ReceiptHandle: '1', Body: 'x' }] },
      { Messages: [{ MessageId: 'a', ReceiptHandle: '2', Body: 'x' }] },
      {},
    ];
    const given: unknown[] = [];
    const client = {
      send: async (command: { input: { Entries?: { ReceiptHandle: string }[] } }) => {
        if (command.constructor.name === 'ReceiveMessageCommand') return answers.shift() ?? {};
        given.push(...(command.input.Entries ?? []).map(({ ReceiptHandle }) => ReceiptHandle));
        return {};
      },
    } as never;
    const messages = await Array.fromAsync(readDeadLetters({ client, url: 'q' }, { waitSeconds: 0, clock }));
    expect(messages).toHaveLength(1);
    expect(given).toEqual(['2']);
  });

  it('asks SQS for everything that tells the reason', async () => {
    const { deadLetters } = await queues();
    const inputs: object[] = [];
    const client = {
      send: async (command: { readonly input: object }) => {
        inputs.push(command.input);
        return {};
      },
    } as unknown as typeof deadLetters.client;
    await Array.fromAsync(readDeadLetters({ ...deadLetters, client }, { waitSeconds: 0, clock }));
    const MessageSystemAttributeNames = expect.arrayContaining(['SentTimestamp', 'DeadLetterQueueSourceArn']);
    expect(inputs).toMatchObject([{ MessageAttributeNames: ['All'], MessageSystemAttributeNames }]);
  });

  it('reads the reason that quarantine wrote, and the time of sending', async () => {
    const { deadLetters, send } = await queues();
    const id = await send(deadLetters, 'noise', { reason: 'not-json', detail: 'expected JSON' });
    await send(deadLetters, goodBody(1));
    await send(deadLetters, 'odd', { reason: 'something-of-tomorrow' });
    const messages = await Array.fromAsync(readDeadLetters(deadLetters, { waitSeconds: 0, clock }));
    const byBody = new Map(messages.map((message) => [message.body, message]));
    expect(byBody.get('noise')).toMatchObject({ id, reason: 'not-json', detail: 'expected JSON', receives: 1 });
    expect(Date.parse(byBody.get('noise')?.sentAt ?? '')).toBeGreaterThan(0);
    expect(byBody.get(goodBody(1))?.reason).toBe('sent-directly');
    expect(byBody.get('odd')?.reason).toBe('unknown');
  });
});
