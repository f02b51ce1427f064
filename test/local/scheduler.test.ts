import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { digestTickInput } from '../../src/contract/digest-tick.ts';
import { Scheduler, type SchedulerOptions } from '../../src/local/scheduler.ts';
import type { ScheduleResource } from '../../src/local/template-resources.ts';
import { readScheduleExpression, type ScheduleExpression } from '../../src/shared/schedule-expression.ts';

const MINUTE = 60_000;
const START = '2026-11-22T10:00:30.500Z';
const QUEUE = 'arn:aws:sqs:eu-west-1:123456789012:uploads';

beforeEach(() => void vi.useFakeTimers({ now: Date.parse(START) }));
afterEach(() => void vi.useRealTimers());

function schedule(name: string, text: string, parts: Partial<ScheduleResource> = {}): ScheduleResource {
  return {
    logicalId: name,
    name,
    expression: readScheduleExpression(text) as ScheduleExpression,
    timeZone: 'UTC',
    isEnabled: true,
    queueArn: QUEUE,
    input: digestTickInput({ name, recipients: ['team@example.com'] }),
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
  it('sends the tick of a rate at once and then as often as it says, with the time that was due', async () => {
    const { sent, times } = run([schedule('often', 'rate(15 minutes)')]);
    await vi.advanceTimersByTimeAsync(35 * MINUTE);
    expect(times()).toEqual(['2026-11-22T10:00:30Z', '2026-11-22T10:15:30Z', '2026-11-22T10:30:30Z']);
    expect(sent[0]).toMatchObject({
      queueArn: QUEUE,
      tick: { uploadLedger: 'digest-tick', digest: { name: 'often' } },
    });
  });

  it('sends the tick of a cron expression when the clocks of its zone show it, however far off', async () => {
    const { times } = run([schedule('monthly', 'cron(0 8 1 * ? *)', { timeZone: 'Europe/Berlin' })]);
    await vi.advanceTimersByTimeAsync(8 * 24 * 60 * MINUTE);
    expect(times()).toEqual([]);
    await vi.advanceTimersByTimeAsync(24 * 60 * MINUTE);
    expect(times()).toEqual(['2026-12-01T07:00:00Z']);
  });

  it('leaves disabled schedules alone', async () => {
    const { sent } = run([schedule('off', 'rate(1 minute)', { isEnabled: false })]);
    await vi.advanceTimersByTimeAsync(10 * MINUTE);
    expect(sent).toEqual([]);
  });

  it('sends a tick now on request, which covers all up to now, of all digests or of one', async () => {
    const schedules = ['a', 'b'].map((name) => schedule(name, 'cron(0 8 * * ? *)'));
    const { scheduler, sent } = run(schedules);
    expect(await scheduler.tickNow()).toEqual(['a', 'b']);
    expect(sent[0]?.tick).toMatchObject({ scheduledTime: START, until: START, digest: { name: 'a' } });
    expect(await scheduler.tickNow('b')).toEqual(['b']);
    expect(await scheduler.tickNow('c')).toEqual([]);
    expect(sent).toHaveLength(3);
  });

  it('goes on after a tick that could not be sent, and tells of it', async () => {
    const errors: string[] = [];
    let isDown = true;
    const sent: string[] = [];
    const send = async (_: string, body: string) => {
      if (isDown) throw new Error('injected');
      sent.push(body);
    };
    run([schedule('often', 'rate(1 minute)')], { send, onError: ({ message }) => errors.push(message) });
    await vi.advanceTimersByTimeAsync(MINUTE);
    isDown = false;
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(errors).toEqual(['injected', 'injected']);
    expect(sent).toHaveLength(1);
  });

  it('sends nothing more when it is closed', async () => {
    const { scheduler, sent } = run([schedule('often', 'rate(1 minute)')]);
    await vi.advanceTimersByTimeAsync(0);
    scheduler.close();
    await vi.advanceTimersByTimeAsync(10 * MINUTE);
    expect(sent).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});
