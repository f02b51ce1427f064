import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureAssembly } from '../../src/local/assembly.ts';
import { type LocalStack, startLocalStack } from '../../src/local/local-stack.ts';
import { presignUpload } from '../../src/local/presign.ts';
import { TEST_ASSEMBLIES } from '../setup/assembly.ts';
import { type DeclaredAlarm, declaredAlarms } from './alarm.ts';
import { alarmState } from './evaluate-alarm.ts';
import { ObservedWorld, START } from './observed-world.ts';

/** Every alarm that there is, and batches that do not wait for company. */
const CONTEXT = { silenceHours: '6', batchSize: '10', batchWindowSeconds: '0' };

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('each alarm', () => {
  let stack: LocalStack;
  let alarms: ReadonlyMap<string, DeclaredAlarm>;
  let world: ObservedWorld;
  let batches = 0;
  let onStarted: (kill: () => void) => void = () => undefined;
  /** Articles of alarms that have been raised. */
  const raised = new Set<string>();

  beforeAll(async () => {
    const assemblyDirectory = await ensureAssembly({ outputDirectory: TEST_ASSEMBLIES, context: CONTEXT });
    alarms = new Map(declaredAlarms(assemblyDirectory).map((alarm) => [alarm.article, alarm]));
    stack = await startLocalStack({
      assemblyDirectory,
      retryAfterSeconds: 0,
      onLog: ({ line, requestId }) => requestId !== undefined && world?.takeLine(line, requestId),
      onBatch: ({ fault }) => world?.batchOver(batches++, fault !== undefined),
      onMoment: (moment, _, kill) => moment === 'started' && onStarted(kill),
    });
    // The test events of the bucket's configurations are no part of any episode.
    await stack.drained();
  });

  afterAll(() => stack?.close());

  /** A new episode, in which one file is uploaded while `trouble` lasts. */
  async function episode(trouble: () => void = () => undefined): Promise<ObservedWorld> {
    batches = 0;
    world = new ObservedWorld(stack);
    trouble();
    const url = await presignUpload(stack.clients.s3, { bucket: stack.bucketName, key: `${crypto.randomUUID()}.txt` });
    await fetch(url, { method: 'PUT', body: 'content' });
    await stack.notifier.flush();
    return world;
  }

  async function drainedEpisode(trouble?: () => void): Promise<ObservedWorld> {
    const observed = await episode(trouble);
    await stack.drained();
    return observed;
  }

  function stateOf(article: string, observed: ObservedWorld, at: number): 'ALARM' | 'OK' {
    const alarm = alarms.get(article);
    if (alarm === undefined) throw new TypeError(`Expected an alarm ${article} among ${[...alarms.keys()]}.`);
    const state = alarmState(alarm, observed.sink, at);
    if (state === 'ALARM') raised.add(article);
    return state;
  }

  /** Five receives, a visibility timeout apart, are over then, and so is the third period of five minutes. */
  const QUARTER = START + 15 * MINUTE;

  it('is silent while uploads are recorded', async () => {
    const observed = await drainedEpisode();
    for (let minute = 0; minute < 15; minute += 1) await observed.lookAtQueues(START + minute * MINUTE);
    for (const article of alarms.keys()) expect(stateOf(article, observed, START + HOUR), article).toBe('OK');
    expect(stateOf('silence', observed, START + 6 * HOUR)).toBe('OK');
  });

  it('of silence is raised when no upload has been recorded for as long as the setting says', async () => {
    const observed = await drainedEpisode();
    expect(stateOf('silence', observed, START + 7 * HOUR)).toBe('ALARM');
  });

  it('of messages that fail is raised when the table fails until the message is a dead letter', async () => {
    const observed = await drainedEpisode(() => stack.servers.table.setFaults({ fail: 1 }));
    stack.servers.table.setFaults();
    expect(batches).toBe(5);
    expect(stateOf('messages-fail', observed, START + 10 * MINUTE)).toBe('OK');
    expect(stateOf('messages-fail', observed, QUARTER)).toBe('ALARM');
  });

  it('of a throttled table is raised when every write is refused', async () => {
    const observed = await drainedEpisode(() => stack.servers.table.setFaults({ throttle: 1 }));
    stack.servers.table.setFaults();
    expect(stateOf('table-throttled', observed, QUARTER)).toBe('ALARM');
    expect(stateOf('function-fails', observed, QUARTER)).toBe('OK');
  });

  it('of a failing function is raised when its environments die', async () => {
    const observed = await drainedEpisode(() => {
      onStarted = (kill) => kill();
    });
    onStarted = () => undefined;
    expect(stateOf('function-fails', observed, QUARTER)).toBe('ALARM');
    expect(stateOf('function-throttled', observed, QUARTER)).toBe('OK');
  });

  it('of a throttled function is raised when no concurrency is left for it', async () => {
    const [fn] = stack.consumers.functions;
    const observed = await drainedEpisode(() => fn?.reserveConcurrency(0));
    fn?.reserveConcurrency(Number.POSITIVE_INFINITY);
    expect(stateOf('function-throttled', observed, QUARTER)).toBe('ALARM');
    expect(stateOf('function-fails', observed, QUARTER)).toBe('OK');
  });

  it('of dead letters is raised at once, and when half of their time is over', async () => {
    const observed = await episode();
    await stack.clients.sqs.send(new SendMessageCommand({ QueueUrl: stack.queueUrl, MessageBody: 'poison' }));
    await stack.drained();
    await observed.lookAtQueues(START + MINUTE);
    expect(stateOf('dead-letters-waiting', observed, START + 2 * MINUTE)).toBe('ALARM');
    await observed.lookAtQueues(START + 6 * DAY);
    expect(stateOf('dead-letters-expire', observed, START + 6 * DAY + 5 * MINUTE)).toBe('OK');
    await observed.lookAtQueues(START + 7 * DAY + HOUR);
    expect(stateOf('dead-letters-expire', observed, START + 7 * DAY + HOUR + 5 * MINUTE)).toBe('ALARM');
  });

  it('of waiting uploads is raised when nobody reads the queue', async () => {
    await stack.consumers.close();
    const observed = await episode();
    for (let minute = 0; minute <= 21; minute += 1) await observed.lookAtQueues(START + minute * MINUTE);
    expect(stateOf('uploads-wait', observed, START + 15 * MINUTE)).toBe('OK');
    expect(stateOf('uploads-wait', observed, START + 21 * MINUTE)).toBe('ALARM');
  });

  it('of the stack has been raised at least once', () => {
    expect([...raised].sort()).toEqual([...alarms.keys()].sort());
  });
});
