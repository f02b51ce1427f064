import { describe, expect, it } from 'vitest';
import { Evaluation, type MetricQuery, type TimeSeries } from '../../../src/local/metrics/evaluate.ts';
import { parseExpression } from '../../../src/local/metrics/expression.ts';
import { MetricSink } from '../../../src/local/metrics/metric-sink.ts';

const MINUTE = 60_000;
const NOW = 5 * MINUTE;

type Minutes = readonly (number | undefined)[];

/** Metrics of namespace `N` by name, one value a minute from the beginning of time; undefined is no datapoint. */
function sinkOf(metrics: Readonly<Record<string, Minutes>>, dimensions: Readonly<Record<string, string>> = {}) {
  const sink = new MetricSink({ now: () => NOW });
  putInto(sink, metrics, dimensions);
  return sink;
}

function putInto(sink: MetricSink, metrics: Readonly<Record<string, Minutes>>, dimensions: Record<string, string>) {
  for (const [name, values] of Object.entries(metrics)) {
    for (const [minute, value] of values.entries()) {
      if (value === undefined) continue;
      sink.put({ namespace: 'N', name, dimensions, unit: 'None', timestamp: minute * MINUTE, values: [value] });
    }
  }
}

const metric = (id: string, periodSeconds = 60): MetricQuery => ({
  id,
  periodSeconds,
  metric: { namespace: 'N', name: id, dimensions: {}, statistic: 'Sum' },
});

function evaluate(text: string, sink: MetricSink, { periodSeconds = 60, minutes = 4 } = {}): readonly TimeSeries[] {
  const query = { periodSeconds, expression: parseExpression(text), text };
  const queries = [query, metric('a', periodSeconds), metric('b', periodSeconds)];
  return new Evaluation(sink, queries, { from: 0, until: minutes * MINUTE }).seriesOf(query);
}

/** The one series that the expression gives, one value a minute; undefined where it has no datapoint. */
function minutesOf(text: string, a: Minutes, b: Minutes = []): (number | undefined)[] {
  const [series, another] = evaluate(text, sinkOf({ a, b }));
  expect(another).toBeUndefined();
  return Array.from({ length: 4 }, (_, minute) => series?.points.get(minute * MINUTE));
}

const none = undefined;

describe('arithmetic', () => {
  it.each([
    ['a + b', [1, 2, 3, 4], [10, 20, 30, 40], [11, 22, 33, 44]],
    ['a - b * 2', [9, 9, 9, 9], [1, 2, 3, 4], [7, 5, 3, 1]],
    ['(a - b) * 2', [9, 9, 9, 9], [1, 2, 3, 4], [16, 14, 12, 10]],
    ['a - 1 - 1', [5, 6, 7, 8], [], [3, 4, 5, 6]],
    ['100 / a', [1, 2, 4, 5], [], [100, 50, 25, 20]],
    ['a * 0.5', [1, 2, 3, 4], [], [0.5, 1, 1.5, 2]],
  ])('calculates %s minute by minute', (text, a, b, expected) => {
    expect(minutesOf(text, a, b)).toEqual(expected);
  });

  it('gives no datapoint where one of two series has none', () => {
    expect(minutesOf('a + b', [1, none, 3, 4], [1, 1, none, 1])).toEqual([2, none, none, 5]);
    expect(minutesOf('a + b', [1, 2, 3, 4])).toEqual([none, none, none, none]);
  });

  it('gives no datapoint for a division by zero', () => {
    expect(minutesOf('a / b', [1, 0, 4, 1], [1, 0, 2, 0])).toEqual([1, none, 2, none]);
  });

  it.each([
    ['a > 2', [0, 0, 1, 1]],
    ['a >= 2', [0, 1, 1, 1]],
    ['a < 2', [1, 0, 0, 0]],
    ['a <= 2', [1, 1, 0, 0]],
    ['a == 2', [0, 1, 0, 0]],
    ['a != 2', [1, 0, 1, 1]],
    ['a + 1 > 3', [0, 0, 1, 1]],
  ])('compares: %s is 1 where it is true and 0 where it is not', (text, expected) => {
    expect(minutesOf(text, [1, 2, 3, 4])).toEqual(expected);
  });
});

describe('FILL', () => {
  it('puts the number in the place of each missing datapoint of the range', () => {
    expect(minutesOf('FILL(a, 0)', [none, 2, none, 4])).toEqual([0, 2, 0, 4]);
  });

  it('fills a metric without any datapoint', () => {
    expect(minutesOf('FILL(a, 0) + FILL(b, 7)', [])).toEqual([7, 7, 7, 7]);
  });

  it('fills each period once', () => {
    const [series] = evaluate('FILL(a, 0)', sinkOf({ a: [1, 1, 1] }), { periodSeconds: 120 });
    expect([...(series?.points ?? [])]).toEqual([
      [0, 2],
      [2 * MINUTE, 1],
    ]);
  });
});

describe('IF', () => {
  it('takes the second where the condition is not 0, and the third where it is', () => {
    expect(minutesOf('IF(a > 1, b, 0)', [1, 2, 3, 1], [5, 6, 7, 8])).toEqual([0, 6, 7, 0]);
  });

  it('gives no datapoint where the condition is 0 and there is no third', () => {
    expect(minutesOf('IF(a > 1, b)', [1, 2, 3, 1], [5, 6, 7, 8])).toEqual([none, 6, 7, none]);
  });

  it('gives no datapoint where the condition has none, or the side that it takes', () => {
    expect(minutesOf('IF(a > 1, b, 0)', [1, none, 3, 4], [none, 6, none, 8])).toEqual([0, none, none, 8]);
  });
});

describe('a function of several series', () => {
  it.each([
    ['SUM([a, b])', [1, 12, 10, none]],
    ['AVG([a, b])', [1, 6, 10, none]],
    ['MAX([a, b])', [1, 10, 10, none]],
    ['MIN([a, b])', [1, 2, 10, none]],
  ])('leaves out what is missing: %s', (text, expected) => {
    expect(minutesOf(text, [1, 2], [none, 10, 10])).toEqual(expected);
  });

  it('is a number for one series alone', () => {
    expect(minutesOf('a / SUM(a)', [1, 1, 2, 4])).toEqual([0.125, 0.125, 0.25, 0.5]);
  });
});

describe('a period', () => {
  it('is of whole periods since 1970, each with the statistic of its values', () => {
    const [series] = evaluate('a * 1', sinkOf({ a: [1, 2, 3, 4] }), { periodSeconds: 120 });
    expect([...(series?.points ?? [])]).toEqual([
      [0, 3],
      [2 * MINUTE, 7],
    ]);
  });

  it('is what PERIOD says in seconds', () => {
    const [series] = evaluate('a / PERIOD(a)', sinkOf({ a: [60, 60, 60, 60] }), { periodSeconds: 120 });
    expect([...(series?.points.values() ?? [])]).toEqual([1, 1]);
  });

  it('outside of the range does not count', () => {
    const [series] = evaluate('a * 1', sinkOf({ a: [1, 2, 3, 4] }), { minutes: 2 });
    expect([...(series?.points.values() ?? [])]).toEqual([1, 2]);
  });
});

describe('SEARCH', () => {
  const text = (terms: string) => `SEARCH('{N,bucket,category} ${terms}', 'Sum', 60)`;

  function uploads() {
    const sink = sinkOf({ Uploads: [1, none, 3] }, { bucket: 'b', category: 'image' });
    putInto(sink, { Uploads: [10, 20] }, { category: 'code', bucket: 'b' });
    putInto(sink, { Uploads: [100] }, { bucket: 'b' });
    putInto(sink, { Uploads: [100] }, { bucket: 'b', category: 'image', service: 's' });
    putInto(sink, { Bytes: [100] }, { bucket: 'b', category: 'image' });
    return sink;
  }

  it('finds the metrics with exactly these dimensions, in any order', () => {
    const found = evaluate(text('MetricName="Uploads"'), uploads());
    expect(found.map(({ metric: it, points }) => [it?.dimensions.category, [...points.values()]])).toEqual([
      ['image', [1, 3]],
      ['code', [10, 20]],
    ]);
  });

  it('finds those with the value that is named', () => {
    const found = evaluate(text('MetricName="Uploads" category="code"'), uploads());
    expect(found.map(({ metric: it }) => it?.dimensions.category)).toEqual(['code']);
  });

  it('leaves out a metric without datapoints in the range, and may find nothing', () => {
    expect(evaluate(text('MetricName="Uploads"'), uploads(), { minutes: 0 })).toEqual([]);
    expect(evaluate(text('MetricName="Others"'), uploads())).toEqual([]);
  });

  it('can be added up, where what is missing is left out', () => {
    const [sum] = evaluate(`SUM(${text('MetricName="Uploads"')})`, uploads());
    expect([...(sum?.points.values() ?? [])]).toEqual([11, 20, 3]);
    const [nothing] = evaluate(`MAX(${text('MetricName="Others"')})`, uploads());
    expect(nothing?.points.size).toBe(0);
  });

  it('has a statistic and a period of its own', () => {
    const search = `SEARCH('{N,bucket,category} MetricName="Uploads" category="image"', 'Maximum', 180)`;
    const [found] = evaluate(search, uploads());
    expect([...(found?.points ?? [])]).toEqual([[0, 3]]);
  });
});

describe('an expression that is not known', () => {
  it.each([
    'RATE(a)',
    'a ^ 2',
    '-a',
    'a +',
    'a b',
    '(a',
    'FILL(a)',
    'FILL(a, REPEAT)',
    'FILL(a, b)',
    'IF(1, a, b)',
    'IF(a)',
    'SUM(1)',
    '1 + 1',
    'PERIOD(a)',
    'a + c',
    'a > b',
    "a + SEARCH('{N,bucket} MetricName=\"Uploads\"', 'Sum', 60)",
    "SEARCH('{N,bucket} Uploads', 'Sum', 60)",
    "SEARCH('{N,bucket} MetricName=Uploads', 'Sum', 60)",
    "SEARCH('{N,bucket} bucket=\"b\"', 'Sum', 60)",
    "SEARCH('{N,bucket} MetricName=\"Uploads\"', 'Median', 60)",
    "SEARCH('{N,bucket} MetricName=\"Uploads\"', 'Sum')",
    '',
  ])('is refused: %s', (text) => {
    expect(() => evaluate(text, sinkOf({ a: [1], b: [1] }))).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^unknown-(expression|statistic)$/) }),
    );
  });
});
