import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { digestTickInput } from '../../src/contract/digest-tick.ts';
import { nextDue, Scheduler, type SchedulerOptions } from '../../src/local/scheduler.ts';
import type { ScheduleResource } from '../../src/local/template/resources.ts';
import { readScheduleExpression, type ScheduleExpression } from '../../src/shared/schedule-expression.ts';
import { MINUTE_MS } from '../../src/shared/time.ts';

const START = '2026-11-22T10:00:30.500Z';
const QUEUE = 'arn:aws:sqs:eu-west-1:123456789012:uploads';

function schedule(name: string, text: string, parts: Partial<ScheduleResource> = {}): ScheduleResource {
  return {
    logicalId: name,
    name,
    expression: readScheduleExpression(text) as ScheduleExpression,
    timeZone: 'UTC',
    isEnabled: true,
    queueArn: QUEUE,
    input: digestTickInput(name),
    ...parts,
  };
}

function run(schedules: readonly ScheduleResource[], options: Partial<SchedulerOptions> = {}) {
  const sent: { readonly at: string; readonly queueArn: string; readonly tick: Record<string, unknown> }[] = [];
  const send = async (queueArn: string, body: string) => {
    sent.push({ at: new Date().toISOString(), queueArn, tick: JSON.parse(body) });
  };
  const scheduler = new Scheduler({ schedules, send, ...options });
  return { scheduler, sent, times: () => sent.map(({ tick }) => tick.scheduledTime) };
}

describe('the scheduler', () => {
  beforeEach(() => void vi.useFakeTimers({ now: Date.parse(START) }));
  afterEach(() => void vi.useRealTimers());

  it('sends the tick of a rate at once and then as often as it says, with the time that was due', async () => {
    const { sent, times } = run([schedule('often', 'rate(15 minutes)')]);
    await vi.advanceTimersByTimeAsync(35 * MINUTE_MS);
    expect(times()).toEqual(['2026-11-22T10:00:30Z', '2026-11-22T10:15:30Z', '2026-11-22T10:30:30Z']);
    expect(sent[0]).toMatchObject({
      queueArn: QUEUE,
      tick: { uploadLedger: 'digest-tick', digest: { name: 'often' } },
    });
  });

  it('sends the tick of a cron expression when the clocks of its zone show it, however far off', async () => {
    const { times } = run([schedule('monthly', 'cron(0 8 1 * ? *)', { timeZone: 'Europe/Berlin' })]);
    await vi.advanceTimersByTimeAsync(8 * 24 * 60 * MINUTE_MS);
    expect(times()).toEqual([]);
    await vi.advanceTimersByTimeAsync(24 * 60 * MINUTE_MS);
    expect(times()).toEqual(['2026-12-01T07:00:00Z']);
  });

  it('ignores disabled schedules', async () => {
    const { sent } = run([schedule('off', 'rate(1 minute)', { isEnabled: false })]);
    await vi.advanceTimersByTimeAsync(10 * MINUTE_MS);
    expect(sent).toEqual([]);
  });

  it('sends a tick on request that covers everything up to now, for all digests or for one', async () => {
    const schedules = ['a', 'b'].map((name) => schedule(name, 'cron(0 8 * * ? *)'));
    const { scheduler, sent } = run(schedules);
    expect(await scheduler.tickNow()).toEqual(['a', 'b']);
    expect(sent[0]?.tick).toMatchObject({ scheduledTime: START, until: START, digest: { name: 'a' } });
    expect(await scheduler.tickNow('b')).toEqual(['b']);
    expect(await scheduler.tickNow('c')).toEqual([]);
    expect(sent).toHaveLength(3);
  });

  it('reports a tick that could not be sent, and goes on', async () => {
    const errors: string[] = [];
    let isDown = true;
    const sent: string[] = [];
    const send = async (_: string, body: string) => {
      if (isDown) throw new Error('injected');
      sent.push(body);
    };
    run([schedule('often', 'rate(1 minute)')], { send, onError: ({ message }) => errors.push(message) });
    await vi.advanceTimersByTimeAsync(MINUTE_MS);
    isDown = false;
    await vi.advanceTimersByTimeAsync(MINUTE_MS);
    expect(errors).toEqual(['injected', 'injected']);
    expect(sent).toHaveLength(1);
  });

  it('sends nothing more when it is closed', async () => {
    const { scheduler, sent } = run([schedule('often', 'rate(1 minute)')]);
    await vi.advanceTimersByTimeAsync(0);
    scheduler.close();
    await vi.advanceTimersByTimeAsync(10 * MINUTE_MS);
    expect(sent).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});

/** The times from `from` on, as a clock in UTC shows them. */
function due(text: string, from: string, count: number, timeZone = 'UTC'): string[] {
  const expression = readScheduleExpression(text) as ScheduleExpression;
  const startedAt = Date.parse(from);
  const times: string[] = [];
  let after: number | undefined = startedAt - 1;
  while (times.length < count) {
    after = nextDue({ expression, timeZone }, startedAt, after);
    if (after === undefined) break;
    times.push(new Date(after).toISOString().replace(':00.000Z', ''));
  }
  return times;
}

describe('a rate', () => {
  it('is due at once, and then in equal steps from there', () => {
    expect(due('rate(15 minutes)', '2026-11-22T10:07:00Z', 3)).toEqual([
      '2026-11-22T10:07',
      '2026-11-22T10:22',
      '2026-11-22T10:37',
    ]);
  });

  it('counts days as 24 hours, whatever the clocks do', () => {
    expect(due('rate(1 day)', '2026-10-24T10:00:00Z', 3, 'Europe/Berlin')).toEqual([
      '2026-10-24T10:00',
      '2026-10-25T10:00',
      '2026-10-26T10:00',
    ]);
  });
});

describe('a cron expression', () => {
  it.each([
    ['0 8 * * ? *', '2026-11-22T09:00:00Z', ['2026-11-23T08:00', '2026-11-24T08:00']],
    ['*/20 * * * ? *', '2026-11-22T09:50:00Z', ['2026-11-22T10:00', '2026-11-22T10:20']],
    ['5/20 8 * * ? *', '2026-11-22T08:06:00Z', ['2026-11-22T08:25', '2026-11-22T08:45']],
    ['0,30 8-9 ? * MON-FRI *', '2026-11-20T09:15:00Z', ['2026-11-20T09:30', '2026-11-23T08:00']],
    ['0 8 ? * 1 *', '2026-11-20T00:00:00Z', ['2026-11-22T08:00', '2026-11-29T08:00']],
    ['0 8 ? * L *', '2026-11-22T00:00:00Z', ['2026-11-28T08:00', '2026-12-05T08:00']],
    ['0 8 ? * 6L *', '2026-11-22T00:00:00Z', ['2026-11-27T08:00', '2026-12-25T08:00']],
    ['0 8 ? * TUE#1 *', '2026-11-22T00:00:00Z', ['2026-12-01T08:00', '2027-01-05T08:00']],
    ['0 8 L * ? *', '2027-01-31T09:00:00Z', ['2027-02-28T08:00', '2027-03-31T08:00']],
    ['0 8 15W * ? *', '2026-08-01T00:00:00Z', ['2026-08-14T08:00', '2026-09-15T08:00']],
    ['0 8 1 JAN,jul ? 2027/2', '2026-11-22T00:00:00Z', ['2027-01-01T08:00', '2027-07-01T08:00', '2029-01-01T08:00']],
    ['0 8 1 10/1 ? *', '2026-11-22T00:00:00Z', ['2026-12-01T08:00', '2027-10-01T08:00']],
    ['59 23 31 12 ? 2026', '2026-11-22T00:00:00Z', ['2026-12-31T23:59']],
    ['0 8 1 1 ? 2020', '2026-11-22T00:00:00Z', []],
  ])('%s is due next after %s', (text, from, times) => {
    expect(due(`cron(${text})`, from, Math.max(times.length, 1))).toEqual(times);
  });

  it('goes by the clocks of its zone, in winter and in summer', () => {
    expect(due('cron(0 8 * * ? *)', '2026-10-23T12:00:00Z', 3, 'Europe/Berlin')).toEqual([
      '2026-10-24T06:00',
      '2026-10-25T07:00',
      '2026-10-26T07:00',
    ]);
    expect(due('cron(30 4 ? * MON *)', '2026-11-20T00:00:00Z', 1, 'Asia/Kathmandu')).toEqual(['2026-11-22T22:45']);
  });

  it('skips a time that the clocks skip', () => {
    expect(due('cron(30 2 * * ? *)', '2026-03-28T00:00:00Z', 3, 'Europe/Berlin')).toEqual([
      '2026-03-28T01:30',
      '2026-03-30T00:30',
      '2026-03-31T00:30',
    ]);
  });

  it('is due once at a time that the clocks repeat, each quarter of the hour too', () => {
    expect(due('cron(30 2 * * ? *)', '2026-10-24T12:00:00Z', 2, 'Europe/Berlin')).toEqual([
      '2026-10-25T00:30',
      '2026-10-26T01:30',
    ]);
    expect(due('cron(0/30 * * * ? *)', '2026-10-24T23:45:00Z', 4, 'Europe/Berlin')).toEqual([
      '2026-10-25T00:00',
      '2026-10-25T00:30',
      '2026-10-25T02:00',
      '2026-10-25T02:30',
    ]);
  });
});
