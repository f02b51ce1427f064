import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Episodes } from './episodes.ts';
import { START } from './observed-world.ts';

/** Silence is an alarm, and batches do not wait for company. */
const CONTEXT = { silenceHours: '6', batchSize: '10', batchWindowSeconds: '0' };

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Five receives, a visibility timeout apart, are over then, and so is the third period of five minutes. */
const QUARTER = START + 15 * MINUTE;

describe('each alarm', () => {
  let episodes: Episodes;

  beforeAll(async () => {
    episodes = await Episodes.start(CONTEXT);
  });

  afterAll(() => episodes?.stack.close());

  it('is silent while uploads are recorded', async () => {
    const world = await episodes.through();
    for (let minute = 0; minute < 15; minute += 1) await world.lookAtQueues(START + minute * MINUTE);
    for (const article of episodes.alarms.keys()) {
      expect(episodes.stateOf(article, world, START + HOUR), article).toBe('OK');
    }
    expect(episodes.stateOf('silence', world, START + 6 * HOUR)).toBe('OK');
  });

  it('of silence is raised when no upload has been recorded for as long as the setting says', async () => {
    const world = await episodes.through();
    expect(episodes.stateOf('silence', world, START + 7 * HOUR)).toBe('ALARM');
  });

  it('of messages that fail is raised when the table fails until the message is a dead letter', async () => {
    const { table } = episodes.stack.servers;
    const world = await episodes.through(() => table.setFaults({ fail: 1 }));
    table.setFaults();
    expect(episodes.batches).toBe(5);
    expect(episodes.stateOf('messages-fail', world, START + 10 * MINUTE)).toBe('OK');
    expect(episodes.stateOf('messages-fail', world, QUARTER)).toBe('ALARM');
  });

  it('of a throttled table is raised when every write is refused', async () => {
    const { table } = episodes.stack.servers;
    const world = await episodes.through(() => table.setFaults({ throttle: 1 }));
    table.setFaults();
    expect(episodes.stateOf('table-throttled', world, QUARTER)).toBe('ALARM');
    expect(episodes.stateOf('function-fails', world, QUARTER)).toBe('OK');
  });

  it('of a failing function is raised when its environments die', async () => {
    const world = await episodes.through(() => episodes.killInvocations(true));
    episodes.killInvocations(false);
    expect(episodes.stateOf('function-fails', world, QUARTER)).toBe('ALARM');
    expect(episodes.stateOf('function-throttled', world, QUARTER)).toBe('OK');
  });

  it('of a throttled function is raised when no concurrency is left for it', async () => {
    const [fn] = episodes.stack.consumers.functions;
    const world = await episodes.through(() => fn?.reserveConcurrency(0));
    fn?.reserveConcurrency(Number.POSITIVE_INFINITY);
    expect(episodes.stateOf('function-throttled', world, QUARTER)).toBe('ALARM');
    expect(episodes.stateOf('function-fails', world, QUARTER)).toBe('OK');
  });

  it('of dead letters is raised at once, and when half of their time is over', async () => {
    const { clients, queueUrl } = episodes.stack;
    const world = await episodes.begin();
    await clients.sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'poison' }));
    await episodes.stack.drained();
    await world.lookAtQueues(START + MINUTE);
    expect(episodes.stateOf('dead-letters-waiting', world, START + 2 * MINUTE)).toBe('ALARM');
    await world.lookAtQueues(START + 6 * DAY);
    expect(episodes.stateOf('dead-letters-expire', world, START + 6 * DAY + 5 * MINUTE)).toBe('OK');
    await world.lookAtQueues(START + 7 * DAY + HOUR);
    expect(episodes.stateOf('dead-letters-expire', world, START + 7 * DAY + HOUR + 5 * MINUTE)).toBe('ALARM');
  });

  it('of waiting uploads is raised when nobody reads the queue', async () => {
    await episodes.stack.consumers.close();
    const world = await episodes.begin();
    for (let minute = 0; minute <= 21; minute += 1) await world.lookAtQueues(START + minute * MINUTE);
    expect(episodes.stateOf('uploads-wait', world, START + 15 * MINUTE)).toBe('OK');
    expect(episodes.stateOf('uploads-wait', world, START + 21 * MINUTE)).toBe('ALARM');
  });

  it('of a stack without email has been raised at least once', () => {
    expect([...episodes.raised].sort()).toEqual([...episodes.alarms.keys()].sort());
  });
});
