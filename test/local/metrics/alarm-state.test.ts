import { describe, expect, it } from 'vitest';
import { type AlarmRule, alarmState } from '../../../src/local/metrics/alarm-state.ts';
import type { MetricQuery } from '../../../src/local/metrics/evaluate.ts';
import { parseExpression } from '../../../src/local/metrics/expression.ts';
import { MetricSink } from '../../../src/local/metrics/metric-sink.ts';

const MINUTE = 60_000;

const metric = (id: string): MetricQuery => ({
  id,
  periodSeconds: 60,
  metric: { namespace: 'N', name: id, dimensions: {}, statistic: 'Sum' },
});

function rule(overrides: Partial<AlarmRule> = {}): AlarmRule {
  return {
    queries: [metric('a')],
    operator: 'GreaterThanThreshold',
    threshold: 1,
    periods: 2,
    periodsToAlarm: 2,
    missing: 'notBreaching',
    ...overrides,
  };
}

/** Of metrics by name, one value a minute from the beginning of time; undefined is no datapoint. */
function sink(metrics: Readonly<Record<string, readonly (number | undefined)[]>>) {
  const made = new MetricSink({ now: () => 0 });
  for (const [name, values] of Object.entries(metrics)) {
    for (const [minute, value] of values.entries()) {
      const at = { namespace: 'N', name, dimensions: {}, unit: 'None', timestamp: minute * MINUTE };
      if (value !== undefined) made.put({ ...at, values: [value] });
    }
  }
  return made;
}

const at = (now: number) => ({ now, madeAt: 0 });

describe('alarmState', () => {
  it.each([
    [[2, 2], 'ALARM'],
    [[1, 2], 'OK'],
    [[2, 1], 'OK'],
    [[2, undefined], 'OK'],
  ])('is ALARM when every period is beyond the threshold: %j is %s', (a, state) => {
    expect(alarmState(rule(), sink({ a }), at(2 * MINUTE))).toBe(state);
  });

  it('is ALARM when as many periods as the alarm says are beyond the threshold', () => {
    const some = rule({ periods: 3, periodsToAlarm: 2 });
    expect(alarmState(some, sink({ a: [2, 0, 2] }), at(3 * MINUTE))).toBe('ALARM');
    expect(alarmState(some, sink({ a: [2, 0, 0] }), at(3 * MINUTE))).toBe('OK');
  });

  it('evaluates only whole periods that are over', () => {
    expect(alarmState(rule(), sink({ a: [2, 2, 0] }), at(2 * MINUTE + 59_000))).toBe('ALARM');
    expect(alarmState(rule(), sink({ a: [2, 2, 0] }), at(3 * MINUTE))).toBe('OK');
  });

  it('treats missing data as the alarm does', () => {
    const silence = rule({ operator: 'LessThanThreshold', missing: 'breaching' });
    expect(alarmState(silence, sink({}), at(2 * MINUTE))).toBe('ALARM');
    expect(alarmState(silence, sink({ a: [undefined, 1] }), at(2 * MINUTE))).toBe('OK');
  });

  it.each([
    ['GreaterThanThreshold', 'OK', 'ALARM'],
    ['GreaterThanOrEqualToThreshold', 'ALARM', 'ALARM'],
    ['LessThanThreshold', 'OK', 'OK'],
    ['LessThanOrEqualToThreshold', 'ALARM', 'OK'],
  ] as const)('compares by %s: %s at the threshold, %s above it', (operator, equal, above) => {
    const one = rule({ operator, periods: 1, periodsToAlarm: 1 });
    expect(alarmState(one, sink({ a: [1] }), at(MINUTE))).toBe(equal);
    expect(alarmState(one, sink({ a: [2] }), at(MINUTE))).toBe(above);
  });

  it('is not evaluated while it warms up', () => {
    const silence = rule({ operator: 'LessThanThreshold', missing: 'breaching', warmUpMinutes: 10 });
    expect(alarmState(silence, sink({}), { now: 19 * MINUTE, madeAt: 10 * MINUTE })).toBe('INSUFFICIENT_DATA');
    expect(alarmState(silence, sink({}), { now: 20 * MINUTE, madeAt: 10 * MINUTE })).toBe('ALARM');
  });

  it.each([
    ['a + b', [1], [1], 'ALARM'],
    ['a + b', [2], [], 'OK'],
    ['MAX([a, b])', [2], [], 'ALARM'],
    ['MAX([a, b])', [], [], 'OK'],
    ['FILL(a, 0) + FILL(b, 0)', [2], [], 'ALARM'],
    ['FILL(a, 0) + FILL(b, 0)', [], [], 'OK'],
  ])('watches %s, with %j and %j', (text, a, b, state) => {
    const watched = { periodSeconds: 60, expression: parseExpression(text), text };
    const queries = [watched, metric('a'), metric('b')] as const;
    expect(alarmState(rule({ queries, periods: 1, periodsToAlarm: 1 }), sink({ a, b }), at(MINUTE))).toBe(state);
  });
});
