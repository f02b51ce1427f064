import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { groupByReason } from '../../src/dead-letters/groups.ts';
import { DeadLettersLook, lookAtDeadLetters } from '../../src/dead-letters/receive.ts';
import { goodBody, openQueues, VERDICT } from './dead-letter-queues.ts';
import { type SqsServer, startSqs } from './sqs-server.ts';

let sqs: SqsServer;
let made = 0;

beforeAll(async () => {
  sqs = await startSqs();
});
afterAll(() => sqs.close());

const queues = () => openQueues(sqs, `look-${made++}`);
const now = () => performance.now();

describe('a look at the dead-letter queue', () => {
  it('shows each message once, and gives all of them back', async () => {
    const { deadLetters, send, bodies } = await queues();
    for (let number = 0; number < 120; number += 1) await send(deadLetters, `${number}`);
    const letters = await Array.fromAsync(lookAtDeadLetters(deadLetters, { waitSeconds: 0, now }));
    expect(new Set(letters.map(({ body }) => body)).size).toBe(120);
    expect(letters).toHaveLength(120);
    expect(await bodies(deadLetters)).toHaveLength(120);
  });

  it('gives the messages back when it is left early', async () => {
    const { deadLetters, send, bodies } = await queues();
    for (let number = 0; number < 15; number += 1) await send(deadLetters, `${number}`);
    for await (const _ of lookAtDeadLetters(deadLetters, { waitSeconds: 0, now })) break;
    expect(await bodies(deadLetters)).toHaveLength(15);
  });

  it('holds no more messages than it may', async () => {
    const { deadLetters, send, bodies } = await queues();
    for (let number = 0; number < 30; number += 1) await send(deadLetters, `${number}`);
    const look = new DeadLettersLook(deadLetters, { waitSeconds: 0, most: 10, now });
    expect(await Array.fromAsync(look.letters())).toHaveLength(10);
    expect(look.isFull).toBe(true);
    expect(await look.close()).toBe(0);
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
    const options = { waitSeconds: 0, visibilitySeconds: 100, now: () => time };
    const look = new DeadLettersLook({ ...deadLetters, client }, options);
    await look.readAhead();
    time = 49_000;
    await look.readAhead();
    expect(calls).not.toContain('ChangeMessageVisibilityBatchCommand');
    time = 51_000;
    await look.readAhead();
    time = 90_000;
    await look.readAhead();
    expect(calls.filter((name) => name === 'ChangeMessageVisibilityBatchCommand')).toHaveLength(1);
    time = 102_000;
    await look.readAhead();
    expect(calls.filter((name) => name === 'ChangeMessageVisibilityBatchCommand')).toHaveLength(2);
    await look.close();
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
    const letters = await Array.fromAsync(lookAtDeadLetters({ client, url: 'q' }, { waitSeconds: 0, now }));
    expect(letters).toHaveLength(1);
    expect(given).toEqual(['2']);
  });
});

describe('grouping', () => {
  it('counts by reason, with the oldest as the example and what would succeed today', async () => {
    const { deadLetters, send } = await queues();
    const first = await send(deadLetters, 'noise', { reason: 'not-json', detail: 'expected JSON' });
    await send(deadLetters, goodBody(1), { reason: 'not-json' });
    await send(deadLetters, goodBody(2));
    await send(deadLetters, '{}', { reason: 'something-of-tomorrow' });
    const groups = await groupByReason(lookAtDeadLetters(deadLetters, { waitSeconds: 0, now }), VERDICT);
    expect(groups).toMatchObject([
      { reason: 'not-json', count: 2, wouldSucceed: 1, example: { detail: 'expected JSON', id: first } },
      { reason: 'retries-used-up', count: 1, wouldSucceed: 1 },
      { reason: 'unknown', count: 1, wouldSucceed: 0 },
    ]);
    expect(Date.parse(groups[0]?.oldest ?? '')).toBeGreaterThan(0);
  });
});
