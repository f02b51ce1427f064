import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/shared/clock.ts';
import { createRateLimiter, limitConcurrency, once, sleepUnlessAborted } from '../../src/shared/concurrency.ts';
import { manualClock } from '../builders/manual-clock.ts';

describe('limitConcurrency', () => {
  it('runs as many tasks as the limit allows, and the others in the order in which they came', async () => {
    const limited = limitConcurrency(2);
    const [started, ends] = [[] as number[], [] as (() => void)[]];
    const tasks = [0, 1, 2, 3].map((name) =>
      limited(() => {
        started.push(name);
        return new Promise<void>((resolve) => ends.push(resolve));
      }),
    );
    expect(started).toEqual([0, 1]);
    ends[1]?.();
    await tasks[1];
    expect(started).toEqual([0, 1, 2]);
    for (const name of [0, 2, 3]) {
      ends[name]?.();
      await tasks[name];
    }
    expect(started).toEqual([0, 1, 2, 3]);
  });

  it('settles with the task, and lets the next one run after a failure', async () => {
    const limited = limitConcurrency(1);
    const [failed, done] = [limited(() => Promise.reject(new Error('no'))), limited(async () => 'yes')];
    await expect(failed).rejects.toThrow('no');
    expect(await done).toBe('yes');
  });
});

describe('createRateLimiter', () => {
  it.each([1, 7, 100])('lets no more than %i a second through, however many come at once', async (perSecond) => {
    const clock = manualClock();
    const limiter = createRateLimiter({ perSecond, clock });
    for (let done = 10; done <= 1000; done += 10) {
      await limiter(10);
      expect(done).toBeLessThanOrEqual((perSecond * clock.time) / 1000 + perSecond + 1e-6);
    }
    expect(clock.time).toBeCloseTo((1000 / perSecond - 1) * 1000, 0);
  });

  it('does not save up what was not used', async () => {
    const clock = manualClock();
    const limiter = createRateLimiter({ perSecond: 10, clock });
    await limiter(10);
    clock.time += 60_000;
    await limiter(10);
    await limiter(10);
    expect(clock.time).toBe(61_000);
  });

  it('makes nobody wait without a rate', async () => {
    const clock = manualClock();
    await createRateLimiter({ clock })(1_000_000);
    expect(clock.sleeps).toEqual([]);
  });

  it('ends the wait early when it is stopped', async () => {
    const stop = new AbortController();
    const limiter = createRateLimiter({ perSecond: 1, clock: systemClock, signal: stop.signal });
    const waiting = limiter(1_000_000);
    stop.abort();
    await waiting;
    await limiter(1);
  });
});

describe('sleepUnlessAborted', () => {
  it('rejects with an error that is not the abortion', async () => {
    const clock = { sleep: () => Promise.reject(new Error('no timers left')) };
    await expect(sleepUnlessAborted(1, clock, new AbortController().signal)).rejects.toThrow('no timers left');
  });
});

describe('once', () => {
  it('makes the value at the first call and returns the same one from then on', () => {
    let made = 0;
    const value = once(() => {
      made += 1;
      return undefined;
    });
    expect(made).toBe(0);
    value();
    value();
    expect(made).toBe(1);
  });
});
