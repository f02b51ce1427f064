import { describe, expect, it } from 'vitest';
import { openPace } from '../../src/shared/concurrency.ts';

/** A clock that whoever waits moves on. */
function clock() {
  const time = {
    now: 0,
    wait: async (milliseconds: number) => void time.pass(milliseconds),
    pass: (milliseconds: number) => {
      time.now += milliseconds;
    },
  };
  return time;
}

describe('a pace', () => {
  it.each([1, 7, 100])('of %i a second lets no more through, whatever comes at once', async (rate) => {
    const time = clock();
    const pace = openPace({ rate, now: () => time.now, wait: time.wait });
    for (let done = 10; done <= 1000; done += 10) {
      await pace(10);
      expect(done).toBeLessThanOrEqual((rate * time.now) / 1000 + rate + 1e-6);
    }
    expect(time.now).toBeCloseTo((1000 / rate - 1) * 1000, 0);
  });

  it('does not save up what was not used', async () => {
    const time = clock();
    const pace = openPace({ rate: 10, now: () => time.now, wait: time.wait });
    await pace(10);
    time.pass(60_000);
    await pace(10);
    await pace(10);
    expect(time.now).toBe(61_000);
  });

  it('makes nobody wait without a rate', async () => {
    const pace = openPace({ now: () => 0, wait: () => Promise.reject(new Error('waited')) });
    await pace(1_000_000);
  });
});
