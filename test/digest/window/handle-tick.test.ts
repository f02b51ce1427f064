import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type DynamoDBServer, startDynamoDB } from '../../ledger/dynamodb-server.ts';
import { type ObservedClient, observe, sdkError } from '../observed-client.ts';
import { record, records } from '../records.ts';
import { DigestStack, LONGEST_INVOCATION_MS } from './digest-stack.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

let server: DynamoDBServer;
let observed: ObservedClient;
let stack: DigestStack;

beforeAll(async () => {
  server = await startDynamoDB();
});
afterAll(() => server.close());
beforeEach(() => {
  observed = observe(server.client);
  stack = new DigestStack(server);
});

const uploadsSent = () => stack.sent.map(({ summary }) => summary.uploads.count);

describe('handleTick', () => {
  it('sends one digest of everything since the last one', async () => {
    await stack.batch(records(3));
    stack.time += MINUTE;
    const { kind } = await stack.tick();
    stack.time += MINUTE;
    await stack.batch(records(4));
    await stack.batch(records(5));
    stack.time += MINUTE;
    await stack.tick();
    expect(kind).toBe('sent');
    expect(uploadsSent()).toEqual([3, 9]);
    expect(stack.sent.map(({ batches }) => batches)).toEqual([1, 2]);
    expect(stack.sent[1]?.since).toBe(stack.sent[0]?.until);
  });

  it('gives the digest its window and its time zone', async () => {
    await stack.batch(records(1));
    stack.time += MINUTE;
    await stack.tick({ digest: { timeZone: 'Europe/Berlin' } });
    const until = new Date(stack.time - LONGEST_INVOCATION_MS).toISOString();
    const since = new Date(stack.time - LONGEST_INVOCATION_MS - 24 * 60 * MINUTE).toISOString();
    expect(stack.sent[0]).toMatchObject({ since, until, timeZone: 'Europe/Berlin' });
  });

  it('sends the email to the recipients of the digest', async () => {
    await stack.batch(records(1));
    stack.time += MINUTE;
    const sentTo: (readonly string[])[] = [];
    const recipients = ['a@example.com', 'b@example.com'];
    await stack.tick({ digest: { recipients } }, { sendDigest: async (_, to) => void sentTo.push(to) });
    expect(sentTo).toEqual([recipients]);
  });

  it('sends nothing when nothing happened, and moves the watermark', async () => {
    expect(await stack.tick()).toMatchObject({ kind: 'nothing' });
    expect(stack.sent).toEqual([]);
    expect(await stack.watermark()).toBe(new Date(stack.time - LONGEST_INVOCATION_MS).toISOString());
  });

  it('leaves what may not be stored yet to the next tick', async () => {
    await stack.batch(records(2));
    stack.time += LONGEST_INVOCATION_MS - 1;
    await stack.tick();
    expect(stack.sent).toEqual([]);
    stack.time += 1;
    await stack.tick();
    expect(uploadsSent()).toEqual([2]);
  });

  it('reports everything up to now when an operator asks for it', async () => {
    await stack.batch(records(2));
    await stack.tick({ until: stack.now });
    expect(uploadsSent()).toEqual([2]);
  });

  it('does nothing when the tick comes a second time', async () => {
    await stack.batch(records(2));
    stack.time += MINUTE;
    const scheduledTime = stack.now;
    await stack.tick({ scheduledTime });
    stack.time += MINUTE;
    await stack.batch(records(2));
    expect(await stack.tick({ scheduledTime })).toMatchObject({ kind: 'covered' });
    expect(stack.sent).toHaveLength(1);
  });

  it('does nothing when a later tick came first', async () => {
    await stack.batch(records(2));
    stack.time += MINUTE;
    const late = stack.now;
    stack.time += 15 * MINUTE;
    await stack.tick();
    expect(await stack.tick({ scheduledTime: late })).toMatchObject({ kind: 'covered' });
    expect(uploadsSent()).toEqual([2]);
  });

  it('reports the days for which no tick came', async () => {
    await stack.tick();
    for (let day = 0; day < 5; day += 1) {
      stack.time += 24 * 60 * MINUTE;
      await stack.batch(records(2));
    }
    stack.time += MINUTE;
    await stack.tick();
    expect(uploadsSent()).toEqual([10]);
  });

  it('leaves other digests of the same stack alone', async () => {
    await stack.batch(records(2));
    stack.time += MINUTE;
    await stack.tick({ digest: { name: 'hourly' } });
    await stack.tick({ digest: { name: 'daily-too' } });
    expect(uploadsSent()).toEqual([2, 2]);
  });
});

describe('the period before the one that a digest reports', () => {
  const HOUR = 60 * MINUTE;
  const told = () => stack.sent.at(-1)?.before;

  /** One period with so many uploads, told by its tick. */
  const period = async (uploads: number, length: number) => {
    if (uploads > 0) await stack.batch(records(uploads));
    stack.time += length;
    await stack.tick();
  };

  it('is known once the digest has told a whole one: the first window began before the digest did', async () => {
    await period(3, HOUR);
    expect(told()).toBeUndefined();
    await period(4, HOUR);
    expect(told()).toBeUndefined();
    await period(5, HOUR);
    expect(told()).toMatchObject({ count: 4 });
  });

  it('counts as none when nothing happened in it', async () => {
    for (const uploads of [1, 1, 0]) await period(uploads, HOUR);
    await period(6, HOUR);
    expect(told()).toEqual({ count: 0, bytes: 0 });
  });

  it('is not compared when it was much longer or shorter, and is when a clock change made it an hour longer', async () => {
    for (const length of [24, 24, 72]) await period(2, length * HOUR);
    expect(told()).toBeUndefined();
    await period(2, 24 * HOUR);
    expect(told()).toBeUndefined();
    await period(2, 25 * HOUR);
    expect(told()).toMatchObject({ count: 2 });
  });

  it('costs no call: it is read and stored with the watermark', async () => {
    for (const uploads of [1, 1]) await period(uploads, HOUR);
    observed.commands.length = 0;
    await period(1, HOUR);
    expect(told()).toMatchObject({ count: 1 });
    const calls = observed.commands.filter((command) => command !== 'PutItemCommand' && command !== 'QueryCommand');
    expect(calls).toEqual(['GetItemCommand', 'UpdateItemCommand', 'UpdateItemCommand']);
  });
});

describe('handleTick of a digest with a minimum of uploads', () => {
  const digest = { minimumUploads: 10 };

  it('waits for them, and then reports all since the day before its first tick', async () => {
    for (let day = 0; day < 4; day += 1) {
      await stack.batch(records(3));
      stack.time += 24 * 60 * MINUTE;
      await stack.tick({ digest });
    }
    expect(uploadsSent()).toEqual([12]);
  });

  it('sends whatever the number is, once it has waited as long as its schedule allows', async () => {
    await stack.tick({ digest });
    stack.time += MINUTE;
    await stack.batch(records(1));
    stack.time += 6 * DAY - 2 * MINUTE;
    const patient = { ...digest, maxWaitDays: 6 };
    expect(await stack.tick({ digest: patient })).toMatchObject({ kind: 'waiting' });
    stack.time += MINUTE;
    await stack.tick({ digest: patient });
    expect(uploadsSent()).toEqual([1]);
  });

  it('waits no more than four days when its tick does not say how often it comes', async () => {
    await stack.tick({ digest });
    await stack.batch([record({ status: 'deleted' })]);
    stack.time += 4 * DAY - MINUTE;
    expect(await stack.tick({ digest })).toMatchObject({ kind: 'waiting' });
    stack.time += MINUTE;
    await stack.tick({ digest });
    expect(stack.sent[0]?.summary).toMatchObject({ deletes: 1, uploads: { count: 0 } });
  });

  it('returns that it waits', async () => {
    await stack.batch(records(9));
    stack.time += MINUTE;
    expect(await stack.tick({ digest })).toMatchObject({ kind: 'waiting' });
  });

  it.each([
    ['failed', { failed: 1 }, { failed: 1 }],
    ['was quarantined', { quarantined: 1 }, { quarantined: 1 }],
    [
      'was held back',
      { heldBack: [{ rule: 'invoices', example: 'a' }] },
      { heldBack: new Map([['invoices', { count: 1, example: 'a' }]]) },
    ],
  ])('does not wait when something %s', async (_, facts, told) => {
    await stack.batch(records(1), facts);
    stack.time += MINUTE;
    await stack.tick({ digest });
    expect(stack.sent[0]?.summary).toMatchObject(told);
  });

  it('keeps deletes for the next digest that has uploads', async () => {
    await stack.batch([record({ status: 'deleted' })]);
    stack.time += MINUTE;
    await stack.tick();
    expect(stack.sent).toEqual([]);
    await stack.batch(records(1));
    stack.time += MINUTE;
    await stack.tick();
    expect(stack.sent[0]?.summary).toMatchObject({ deletes: 1, uploads: { count: 1 } });
  });
});

describe('handleTick of several ticks at the same time', () => {
  it('sends one email', async () => {
    await stack.batch(records(5));
    stack.time += MINUTE;
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => stack.tick()));
    expect(uploadsSent()).toEqual([5]);
    const failed = outcomes.filter(({ status }) => status === 'rejected');
    const covered = outcomes.filter((outcome) => outcome.status === 'fulfilled' && outcome.value.kind === 'covered');
    expect(failed.length + covered.length).toBe(7);
  });

  it('fails a tick while another is sending, and finds nothing left when it comes back', async () => {
    await stack.batch(records(5));
    stack.time += MINUTE;
    const sending = Promise.withResolvers<void>();
    const started = Promise.withResolvers<void>();
    stack.sending = () => {
      started.resolve();
      return sending.promise;
    };
    const first = stack.tick();
    await started.promise;
    await expect(stack.tick()).rejects.toMatchObject({ name: 'DigestNotSentError', code: 'digest-busy' });
    sending.resolve();
    await first;
    expect(await stack.tick()).toMatchObject({ kind: 'covered' });
    expect(stack.sent).toHaveLength(1);
  });

  it('lets a later tick send when the first has died', async () => {
    await stack.batch(records(5));
    stack.time += MINUTE;
    const started = Promise.withResolvers<void>();
    stack.sending = () => {
      started.resolve();
      return new Promise(() => undefined);
    };
    void stack.tick();
    await started.promise;
    stack.sending = async () => undefined;
    await expect(stack.tick()).rejects.toMatchObject({ code: 'digest-busy' });
    stack.time += LONGEST_INVOCATION_MS;
    await stack.tick();
    expect(uploadsSent()).toEqual([5]);
  });

  it('never moves the watermark while another tick is sending', async () => {
    await stack.tick();
    const quiet = stack.now;
    stack.time += MINUTE;
    const before = await stack.watermark();
    await stack.batch(records(1));
    stack.time += MINUTE;
    stack.sending = async () => {
      // Due a little earlier, with nothing to report in its window.
      const earlier = new Date(Date.parse(quiet) + 1000).toISOString();
      expect(await stack.tick({ scheduledTime: earlier })).toMatchObject({ kind: 'nothing' });
      expect(await stack.watermark()).toBe(before);
    };
    expect(await stack.tick()).toMatchObject({ kind: 'sent' });
    expect(await stack.watermark()).toBe(stack.sent[0]?.until);
  });
});

describe('handleTick of a digest that cannot be sent', () => {
  const refuse = async () => {
    throw new Error('SES is down');
  };

  it('fails with the reason, and sends the whole digest when the tick comes back', async () => {
    await stack.batch(records(5));
    stack.time += MINUTE;
    const scheduledTime = stack.now;
    stack.sending = refuse;
    const failure = await stack.tick({ scheduledTime }).catch((error) => error);
    expect(failure).toMatchObject({ name: 'DigestNotSentError', code: 'digest-send-failed' });
    expect(failure.cause.message).toBe('SES is down');
    stack.sending = async () => undefined;
    await stack.tick({ scheduledTime });
    expect(uploadsSent()).toEqual([5]);
  });

  it('reports it with a later tick when its own is a dead letter, and does not send it again after a redrive', async () => {
    await stack.batch(records(5));
    stack.time += MINUTE;
    const dead = stack.now;
    stack.sending = refuse;
    for (let receive = 0; receive < 5; receive += 1) {
      await expect(stack.tick({ scheduledTime: dead })).rejects.toThrow('could not be sent');
    }
    stack.time += 3 * 24 * 60 * MINUTE;
    await stack.batch(records(2));
    stack.time += MINUTE;
    stack.sending = async () => undefined;
    await stack.tick();
    expect(uploadsSent()).toEqual([7]);
    expect(await stack.tick({ scheduledTime: dead })).toMatchObject({ kind: 'covered' });
  });

  it('fails with the reason for not sending, even when the lease cannot be released', async () => {
    await stack.batch(records(1));
    stack.time += MINUTE;
    stack.sending = async () => {
      observed.before = () => {
        throw sdkError('InternalServerError', 500);
      };
      await refuse();
    };
    await expect(stack.tick()).rejects.toMatchObject({ code: 'digest-send-failed' });
  });

  it('retries moving the watermark', async () => {
    await stack.batch(records(1));
    stack.time += MINUTE;
    let failures = 3;
    stack.sending = async () => {
      observed.before = () => {
        if (failures-- > 0) throw sdkError('InternalServerError', 500);
      };
    };
    expect(await stack.tick()).toMatchObject({ kind: 'sent' });
    expect(await stack.watermark()).toBe(stack.sent[0]?.until);
  });

  it('says what to do when there is more to read than the time allows', async () => {
    await stack.batch(records(1));
    stack.time += MINUTE;
    const late = { deadline: stack.time + 2_999 };
    await expect(stack.tick({}, late)).rejects.toThrow(/raise the function's timeout or memory/);
    await stack.tick();
    expect(uploadsSent()).toEqual([1]);
  });
});
