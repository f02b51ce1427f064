import { describe, expect, it } from 'vitest';
import type { DeclaredAlarm } from './alarm.ts';
import { alarmState } from './evaluate-alarm.ts';

const MINUTE = 60_000;

function alarm(overrides: Partial<DeclaredAlarm> = {}): DeclaredAlarm {
  return {
    article: 'a',
    metrics: { metric: { namespace: 'N', name: 'metric', dimensions: {}, statistic: 'Sum' } },
    periodSeconds: 60,
    periods: 2,
    periodsToAlarm: 2,
    threshold: 1,
    operator: 'GreaterThanThreshold',
    missing: 'notBreaching',
    ...overrides,
  };
}

/** Metrics by name, each with a value a minute from the beginning of time; undefined is no datapoint. */
function sink(values: Readonly<Record<string, readonly (number | undefined)[]>>) {
  return {
    datapoints: ({ name }: { readonly name: string }) =>
      (values[name] ?? []).flatMap((value, minute) => (value === undefined ? [] : [{ at: minute * MINUTE, value }])),
  };
}

const math = (expression: string) => {
  const metric = (name: string) => ({ namespace: 'N', name, dimensions: {}, statistic: 'Sum' }) as const;
  return alarm({ expression, metrics: { a: metric('a'), b: metric('b') }, periods: 1, periodsToAlarm: 1 });
};

describe('alarmState', () => {
  it.each([
    [[2, 2], 'ALARM'],
    [[1, 2], 'OK'],
    [[2, 1], 'OK'],
    [[2, undefined], 'OK'],
  ])('is ALARM when every period is beyond the threshold: %j is %s', (metric, state) => {
    expect(alarmState(alarm(), sink({ metric }), 2 * MINUTE)).toBe(state);
  });

  it('evaluates only whole periods that are over', () => {
    expect(alarmState(alarm(), sink({ metric: [2, 2, 0] }), 2 * MINUTE + 59_000)).toBe('ALARM');
    expect(alarmState(alarm(), sink({ metric: [2, 2, 0] }), 3 * MINUTE)).toBe('OK');
  });

  it('treats missing data as the alarm does', () => {
    const silence = alarm({ operator: 'LessThanThreshold', missing: 'breaching' });
    expect(alarmState(silence, sink({}), 2 * MINUTE)).toBe('ALARM');
    expect(alarmState(silence, sink({ metric: [undefined, 1] }), 2 * MINUTE)).toBe('OK');
  });

  it.each([
    ['a + b', [1], [1], 'ALARM'],
    ['a + b', [2], [], 'OK'],
    ['SUM([a, b])', [2], [], 'ALARM'],
    ['SUM([a, b])', [], [], 'OK'],
    ['FILL(a, 0) + FILL(b, 0)', [2], [], 'ALARM'],
    ['FILL(a, 0) + FILL(b, 0)', [], [], 'OK'],
  ])('evaluates %s with %j and %j', (expression, a, b, state) => {
    expect(alarmState(math(expression), sink({ a, b }), MINUTE)).toBe(state);
  });

  it('refuses any other expression', () => {
    expect(() => alarmState(math('a / b'), sink({}), MINUTE)).toThrow(/a \/ b/);
  });
});
