import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assemblyDirectory } from '../../setup/assembly-directory.ts';
import { Episodes } from './episodes.ts';
import { START } from './observed-metrics.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** After the third period of five minutes; receives are a visibility timeout of three minutes apart. */
const QUARTER = START + 15 * MINUTE;

const THROTTLED = { status: 400, type: 'ProvisionedThroughputExceededException' } as const;
const FAILED = { status: 500, type: 'InternalServerError' } as const;

/** Milliseconds for a message to use up its twenty receives, with the poller's pauses after failed invocations. */
const LONG = 240_000;

describe('the alarm', { timeout: LONG }, () => {
  let episodes: Episodes;

  beforeAll(async () => {
    episodes = await Episodes.start(assemblyDirectory('alarms'));
  });

  afterAll(() => episodes?.stack.close());

  it('is OK for all of them while uploads are recorded', async () => {
    const observed = await episodes.run();
    for (let minute = 0; minute < 15; minute += 1) await observed.lookAtQueues(START + minute * MINUTE);
    for (const article of episodes.alarms.keys()) {
      expect(episodes.stateOf(article, observed, START + HOUR), article).toBe('OK');
    }
    expect(episodes.stateOf('silence', observed, START + 6 * HOUR)).toBe('OK');
  });

  it('on silence is raised when no upload has been recorded for silenceHours', async () => {
    const observed = await episodes.run();
    expect(episodes.stateOf('silence', observed, START + 7 * HOUR)).toBe('ALARM');
  });

  it('on silence is raised when only deletes, expirations and restores are recorded', async () => {
    const observed = await episodes.runEvents([
      'ObjectRemoved:Delete',
      'LifecycleExpiration:Delete',
      'ObjectRestore:Completed',
    ]);
    expect(episodes.stateOf('silence', observed, START + 6 * HOUR)).toBe('ALARM');
    expect(episodes.stateOf('many-deletes', observed, START + 5 * MINUTE)).toBe('OK');
  });

  it('on many deletes is raised by as many deletes by request as the setting says, and not by expirations', async () => {
    const expired = await episodes.runEvents(Array.from({ length: 9 }, () => 'LifecycleExpiration:Delete'));
    expect(episodes.stateOf('many-deletes', expired, START + 5 * MINUTE)).toBe('OK');
    const deleted = await episodes.runEvents(Array.from({ length: 3 }, () => 'ObjectRemoved:Delete'));
    expect(episodes.stateOf('many-deletes', deleted, START + 5 * MINUTE)).toBe('ALARM');
  });

  it('on failing messages is raised when the table fails until the message is a dead letter', async () => {
    const { table } = episodes.stack.servers;
    const observed = await episodes.run(() => table.setFaults({ fail: 1 }));
    table.setFaults();
    // A receive whose answer is lost counts as well.
    expect(episodes.batches).toBeGreaterThan(15);
    expect(episodes.stateOf('messages-fail', observed, START + 10 * MINUTE)).toBe('OK');
    expect(episodes.stateOf('messages-fail', observed, QUARTER)).toBe('ALARM');
  });

  it('on a throttled table is raised when each batch is throttled, and none is taken', async () => {
    const { table } = episodes.stack.servers;
    let seen = -1;
    // What is throttled alone is sent again to the end of the invocation. The failures end it soon.
    const throttleThenFail = () => {
      const isFirstOfBatch = episodes.batches !== seen;
      seen = episodes.batches;
      return { error: isFirstOfBatch ? THROTTLED : FAILED };
    };
    const observed = await episodes.run(() => table.setFaults(throttleThenFail));
    table.setFaults();
    expect(episodes.stateOf('table-throttled', observed, QUARTER)).toBe('ALARM');
    expect(episodes.stateOf('function-fails', observed, QUARTER)).toBe('OK');
  });

  it('on a failing function is raised when its execution environments die', async () => {
    const observed = await episodes.run(() => episodes.killInvocations(true));
    episodes.killInvocations(false);
    expect(episodes.stateOf('function-fails', observed, QUARTER)).toBe('ALARM');
    expect(episodes.stateOf('function-throttled', observed, QUARTER)).toBe('OK');
  });

  it('on a throttled function is raised when it has no concurrency', async () => {
    const [fn] = episodes.stack.consumers.functions;
    const observed = await episodes.run(() => fn?.reserveConcurrency(0));
    fn?.reserveConcurrency(Number.POSITIVE_INFINITY);
    expect(episodes.stateOf('function-throttled', observed, QUARTER)).toBe('ALARM');
    expect(episodes.stateOf('function-fails', observed, QUARTER)).toBe('OK');
  });

  it('on dead letters is raised at once, and again while two days are left at least', async () => {
    const { clients, queueUrl } = episodes.stack;
    const observed = await episodes.begin();
    await clients.sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'poison' }));
    await episodes.stack.drained();
    await observed.lookAtQueues(START + MINUTE);
    expect(episodes.stateOf('dead-letters-waiting', observed, START + 2 * MINUTE)).toBe('ALARM');
    await observed.lookAtQueues(START + DAY);
    expect(episodes.stateOf('dead-letters-expire', observed, START + DAY + 5 * MINUTE)).toBe('OK');
    await observed.lookAtQueues(START + 2 * DAY + HOUR);
    expect(episodes.stateOf('dead-letters-expire', observed, START + 2 * DAY + HOUR + 5 * MINUTE)).toBe('ALARM');
  });

  it('on waiting uploads is raised when nothing reads the queue', async () => {
    await episodes.stack.consumers.close();
    const observed = await episodes.begin();
    for (let minute = 0; minute <= 21; minute += 1) await observed.lookAtQueues(START + minute * MINUTE);
    expect(episodes.stateOf('uploads-wait', observed, START + 15 * MINUTE)).toBe('OK');
    expect(episodes.stateOf('uploads-wait', observed, START + 21 * MINUTE)).toBe('ALARM');
  });

  it('has been raised at least once for each alarm of a stack without email', () => {
    expect([...episodes.raised].sort()).toEqual([...episodes.alarms.keys()].sort());
  });
});
