import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RedriveOptions, redrive } from '../../src/dead-letters/redrive.ts';
import { ledgerRecord } from '../ledger/records.ts';
import { goodBody, openQueues, steppedClock } from './dead-letter-queues.ts';
import { type SqsServer, startSqs } from './sqs-server.ts';

let sqs: SqsServer;
let made = 0;

beforeAll(async () => {
  sqs = await startSqs();
});
afterAll(() => sqs.close());

const queues = () => openQueues(sqs, `redrive-${made++}`);

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

/** Consumes until nothing is left. */
async function drain({ consume }: Awaited<ReturnType<typeof queues>>) {
  while ((await consume()).length > 0);
}

describe('redrive', () => {
  it('moves what would succeed today and leaves the rest', async () => {
    const world = await queues();
    for (const number of numbers(25)) await world.send(world.deadLetters, goodBody(number), { reason: 'not-json' });
    for (const number of numbers(5)) await world.send(world.deadLetters, `noise ${number}`, { reason: 'not-json' });
    const report = await redrive(world.redriveOptions());
    expect(report).toMatchObject({ looked: 30, chosen: 25, moved: 25, cameBack: 0, notDeleted: 0, end: 'empty' });
    expect([...report.wouldFail]).toEqual([['not-json', 5]]);
    await drain(world);
    expect(world.stored.size).toBe(25);
    expect(await world.bodies(world.deadLetters)).toEqual(numbers(5).map((number) => `noise ${number}`));
  });

  it('moves nothing in a dry run, and says what it would move', async () => {
    const world = await queues();
    for (const number of numbers(3)) await world.send(world.deadLetters, goodBody(number));
    await world.send(world.deadLetters, '{}');
    const report = await redrive(world.redriveOptions({ dryRun: true }));
    expect(report).toMatchObject({ looked: 4, chosen: 3, moved: 0 });
    expect(await world.bodies(world.uploads)).toEqual([]);
    expect(await world.bodies(world.deadLetters)).toHaveLength(4);
  });

  it('deletes a superseded record when the message is recorded, and not before', async () => {
    const world = await queues();
    for (const number of numbers(3)) await world.send(world.deadLetters, goodBody(number));
    const removed: string[] = [];
    const found: RedriveOptions['found'] = {
      // Backfill has written a record of the first and of the second.
      supersededBy: async ({ s3_key }) =>
        s3_key === 'file-2.txt' ? undefined : ledgerRecord({ s3_key, source: 'backfill' }),
      remove: async ({ s3_key }) => {
        expect([...world.stored].some((key) => key.includes(s3_key))).toBe(true);
        removed.push(s3_key);
        return true;
      },
    };
    const report = await redrive(world.redriveOptions({ found }));
    expect(removed.sort()).toEqual(['file-0.txt', 'file-1.txt']);
    expect(report).toMatchObject({ moved: 3, superseded: 2, notSuperseded: 0 });
  });

  it('leaves a record that is to be superseded when the message is not recorded in time', async () => {
    const world = await queues();
    await world.send(world.deadLetters, goodBody(1));
    const found: RedriveOptions['found'] = {
      supersededBy: async () => ledgerRecord({ source: 'backfill' }),
      remove: async () => {
        throw new Error('nothing may be deleted');
      },
    };
    const report = await redrive(world.redriveOptions({ found, clock: steppedClock() }));
    expect(report).toMatchObject({ moved: 1, superseded: 0, notSuperseded: 1 });
  });

  it('moves one reason when asked', async () => {
    const world = await queues();
    await world.send(world.deadLetters, goodBody(1), { reason: 'bad-event-record' });
    await world.send(world.deadLetters, goodBody(2));
    const report = await redrive(world.redriveOptions({ reason: 'sent-directly' }));
    expect(report).toMatchObject({ looked: 2, otherReason: 1, moved: 1 });
    expect(await world.bodies(world.deadLetters)).toEqual([goodBody(1)]);
  });

  it('moves no more than the limit', async () => {
    const world = await queues();
    for (const number of numbers(40)) await world.send(world.deadLetters, goodBody(number));
    expect(await redrive(world.redriveOptions({ limit: 13 }))).toMatchObject({ moved: 13, end: 'limit' });
    expect(await world.bodies(world.deadLetters)).toHaveLength(27);
  });

  it('sends copies without the attributes of quarantine, and with all others', async () => {
    const world = await queues();
    const attributes = { reason: 'not-json', detail: 'old', original_message_id: 'x', tenant: 'acme' };
    await world.send(world.deadLetters, goodBody(1), attributes);
    await redrive(world.redriveOptions({ canaryMilliseconds: 0 }));
    const [copy] = await sqs.receive(world.uploads.url);
    expect(Object.keys(copy?.MessageAttributes ?? {})).toEqual(['tenant']);
  });

  it('stops after ten when their records do not appear', async () => {
    const world = await queues();
    for (const number of numbers(50)) await world.send(world.deadLetters, goodBody(number));
    const report = await redrive(world.redriveOptions({ clock: steppedClock() }));
    expect(report).toMatchObject({ moved: 10, end: 'canary', canary: { moved: 10, recorded: 0, unrecorded: 10 } });
    expect(await world.bodies(world.deadLetters)).toHaveLength(40);
  });

  it('stops when the first ones come back, though the parser would take them', async () => {
    const world = await queues();
    for (const number of numbers(50)) await world.send(world.deadLetters, goodBody(number));
    const report = await redrive(world.redriveOptions({ clock: steppedClock(() => world.consume(() => true)) }));
    expect(report).toMatchObject({ moved: 10, end: 'canary', canary: { cameBack: 10 } });
    expect(await world.bodies(world.uploads)).toEqual([]);
    expect(await world.bodies(world.deadLetters)).toHaveLength(50);
  });

  it('stops within some hundred messages when later ones come back', async () => {
    const world = await queues();
    for (const number of numbers(300)) await world.send(world.deadLetters, goodBody(number));
    const first = new Set<string>();
    const refuse = (body: string) => {
      if (first.size < 10) first.add(body);
      return !first.has(body);
    };
    const consumeAll = async () => {
      while ((await world.consume(refuse)).length > 0);
    };
    const report = await redrive(world.redriveOptions({ watchEvery: 100, clock: steppedClock(consumeAll) }));
    expect(report).toMatchObject({ moved: 120, end: 'canary', canary: { moved: 10, recorded: 0 } });
    await consumeAll();
    expect(await world.bodies(world.deadLetters)).toHaveLength(290);
  });

  it('stops at the tenth message that it sees again', async () => {
    const world = await queues();
    for (const number of numbers(60)) await world.send(world.deadLetters, goodBody(number));
    const refuse = (body: string) => !/file-[0-9]\./.test(body);
    const clock = steppedClock(() => world.consume(refuse));
    const report = await redrive(world.redriveOptions({ rate: 10, clock }));
    expect(report).toMatchObject({ moved: 60, cameBack: 10, end: 'came-back', canary: { recorded: 10 } });
  });

  it('moves everything when all are asked for, and stops when they come back', async () => {
    const world = await queues();
    for (const number of numbers(30)) await world.send(world.deadLetters, `noise ${number}`);
    const report = await redrive(world.redriveOptions({ all: true }));
    expect(report).toMatchObject({ moved: 10, end: 'canary', canary: { cameBack: 10 } });
    expect(await world.bodies(world.deadLetters)).toHaveLength(30);
  });

  it('goes on after the first ten when their records were stored before and none comes back', async () => {
    const world = await queues();
    for (const number of numbers(20)) await world.send(world.deadLetters, goodBody(number));
    const clock = steppedClock(() => world.consume());
    const report = await redrive(world.redriveOptions({ stored: async (keys) => keys, clock }));
    expect(report).toMatchObject({ moved: 20, end: 'empty', canary: { moved: 10, recorded: 0, cameBack: 0 } });
  });

  it('leaves what the uploads queue refuses, and says why', async () => {
    const world = await queues();
    // The emulator refuses astral characters in a body, as SQS refuses others.
    const stray = { client: sqs.client, url: world.deadLetters.url };
    for (const number of numbers(3)) await world.send(stray, goodBody(number));
    const client = {
      send: async (command: { input: { Entries?: { Id: string }[] } }) => {
        if (command.constructor.name !== 'SendMessageBatchCommand') return sqs.client.send(command as never);
        const [refused, ...taken] = command.input.Entries ?? [];
        const answer: object = await sqs.client.send(
          Object.assign(command, { input: { ...command.input, Entries: taken } }) as never,
        );
        return {
          ...answer,
          Failed: [{ Id: refused?.Id, Code: 'InvalidMessageContents', Message: 'not so', SenderFault: true }],
        };
      },
    } as unknown as typeof world.uploads.client;
    const report = await redrive(world.redriveOptions({ uploads: { ...world.uploads, client } }));
    expect(report).toMatchObject({ moved: 2, notSent: 1, firstRefusal: 'not so' });
    expect(await world.bodies(world.deadLetters)).toHaveLength(1);
  });

  it('ends between two moves when it is stopped, and gives back the rest', async () => {
    const world = await queues();
    for (const number of numbers(50)) await world.send(world.deadLetters, goodBody(number));
    const stop = new AbortController();
    const onProgress = ({ moved }: { readonly moved: number }) => moved >= 20 && stop.abort();
    const report = await redrive(world.redriveOptions({ signal: stop.signal, onProgress }));
    expect(report).toMatchObject({ moved: 20, end: 'stopped' });
    expect(await world.bodies(world.deadLetters)).toHaveLength(30);
  });

  it('loses nothing when it fails between sending and deleting', async () => {
    const world = await queues();
    for (const number of numbers(12)) await world.send(world.deadLetters, goodBody(number));
    const client = {
      send: async (command: object) => {
        if (command.constructor.name === 'DeleteMessageBatchCommand') throw new Error('the network is gone');
        return sqs.client.send(command as never);
      },
    } as unknown as typeof world.deadLetters.client;
    await expect(redrive(world.redriveOptions({ deadLetters: { ...world.deadLetters, client } }))).rejects.toThrow(
      'the network is gone',
    );
    expect(await redrive(world.redriveOptions())).toMatchObject({ moved: 12 });
    await drain(world);
    expect(world.stored.size).toBe(12);
    expect(await world.bodies(world.deadLetters)).toEqual([]);
  });
});
