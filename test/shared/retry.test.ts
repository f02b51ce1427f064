import { describe, expect, it } from 'vitest';
import { fullJitter, isTransient, retry } from '../../src/shared/retry.ts';
import { manualClock } from '../builders/manual-clock.ts';

const sdkError = (httpStatusCode: number, name = 'Refused') =>
  Object.assign(new Error(name), { name, $metadata: { httpStatusCode } });

/** A call that fails so often, with its count. */
function failing(times: number, error: Error = sdkError(500)) {
  const state = { calls: 0 };
  const call = async () => {
    state.calls += 1;
    if (state.calls <= times) throw error;
    return 'done';
  };
  return { state, call };
}

describe('retry', () => {
  it('repeats a call until it succeeds, after waits that double up to five seconds', async () => {
    const clock = manualClock({ random: () => 1 });
    const { call } = failing(9);
    expect(await retry(call, { clock, deadline: 60_000 })).toBe('done');
    expect(clock.sleeps).toEqual([50, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
  });

  it('throws at once what no retry can cure', async () => {
    const clock = manualClock();
    const { state, call } = failing(9, sdkError(400, 'ValidationException'));
    await expect(retry(call, { clock, deadline: 60_000 })).rejects.toThrow('ValidationException');
    expect(state.calls).toBe(1);
  });

  it('throws the last error when the next wait would outlast the deadline', async () => {
    const clock = manualClock({ random: () => 1 });
    const { state, call } = failing(99);
    await expect(retry(call, { clock, deadline: 750 })).rejects.toThrow('Refused');
    expect([state.calls, clock.time]).toEqual([4, 350]);
    await expect(retry(call, { clock, deadline: clock.time + 500, minAttemptMs: 451 })).rejects.toThrow('Refused');
    expect(state.calls).toBe(5);
  });

  it('gives each try a signal for the time that is left, or less', async () => {
    const given: number[] = [];
    const clock = {
      ...manualClock(),
      timeout: (milliseconds: number) => AbortSignal.timeout(given.push(milliseconds)),
    };
    await retry(async () => undefined, { clock, deadline: 3_000 });
    await retry(async () => undefined, { clock, deadline: 3_000, attemptMs: 500 });
    expect(given).toEqual([3_000, 500]);
  });
});

describe('fullJitter', () => {
  it('is a random part of a bound that doubles with each failure', () => {
    expect(fullJitter(3, { random: () => 0.5 })).toBe(100);
    expect(fullJitter(1, { random: () => 0.5 }, 500)).toBe(250);
    expect(fullJitter(99, { random: () => 0.5 })).toBe(2_500);
  });
});

describe('isTransient', () => {
  it.each([
    ['an error of the network', new Error('socket hang up'), true],
    ['an error of the service', sdkError(503), true],
    ['a throttled call', sdkError(400, 'ProvisionedThroughputExceededException'), true],
    ['a refusal', sdkError(400, 'AccessDeniedException'), false],
    ['something thrown that is no error', 'text', false],
  ])('judges %s', (_, error, expected) => {
    expect(isTransient(error)).toBe(expected);
  });
});
