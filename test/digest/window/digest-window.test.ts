import { describe, expect, it } from 'vitest';
import { firstWindowStart, windowEnd, windowStart } from '../../../src/digest/window/handle-tick.ts';
import { digestTick } from './digest-stack.ts';

const DUE = '2026-11-22T10:15:00.000Z';
const LONGEST_INVOCATION_MS = 35_000;
const now = (time: string) => Date.parse(time);

describe('windowEnd, firstWindowStart and windowStart', () => {
  it('end the window one longest invocation before the tick was due', () => {
    expect(windowEnd(digestTick({ scheduledTime: DUE }), now('2026-11-22T10:15:01.000Z'), LONGEST_INVOCATION_MS)).toBe(
      '2026-11-22T10:14:25.000Z',
    );
  });

  it('end the window of a late tick where it would have ended in time', () => {
    expect(windowEnd(digestTick({ scheduledTime: DUE }), now('2026-11-24T00:00:00.000Z'), LONGEST_INVOCATION_MS)).toBe(
      '2026-11-22T10:14:25.000Z',
    );
  });

  it('end the window before now when the tick comes from the future', () => {
    const tick = digestTick({ scheduledTime: '2031-01-01T00:00:00.000Z' });
    expect(windowEnd(tick, now(DUE), LONGEST_INVOCATION_MS)).toBe('2026-11-22T10:14:25.000Z');
  });

  it('end the window where the tick says, but not in the future', () => {
    const until = '2026-11-22T10:15:10.000Z';
    expect(
      windowEnd(digestTick({ scheduledTime: DUE, until }), now('2026-11-22T10:15:20.000Z'), LONGEST_INVOCATION_MS),
    ).toBe(until);
    expect(
      windowEnd(digestTick({ scheduledTime: DUE, until }), now('2026-11-22T10:15:05.000Z'), LONGEST_INVOCATION_MS),
    ).toBe('2026-11-22T10:15:05.000Z');
  });

  it('start the first window a day before its end', () => {
    expect(firstWindowStart(DUE)).toBe('2026-11-21T10:15:00.000Z');
  });

  it('start a later window where the last one ended, as long as summaries are kept', () => {
    expect(windowStart('2026-11-01T00:00:00.000Z', DUE)).toBe('2026-11-01T00:00:00.000Z');
    expect(windowStart('2025-01-01T00:00:00.000Z', DUE)).toBe('2026-10-18T10:15:00.000Z');
    expect(windowStart('2026-11-23T00:00:00.000Z', DUE)).toBe(DUE);
  });
});
