import { describe, expect, it } from 'vitest';
import { parseLabel, writeLabel } from '../../../src/local/metrics/label.ts';

const series = {
  periodSeconds: 60,
  points: new Map([
    [0, 1000],
    [60_000, 3000],
    [120_000, 500],
  ]),
  metric: { namespace: 'N', name: 'Uploads', dimensions: { category: 'image' } },
};

describe('a label', () => {
  it.each([
    ['Waiting', 'Waiting'],
    [`\${PROP('Dim.category')}`, 'image'],
    [`\${PROP('Dim.category')}: \${SUM}`, 'image: 4,500'],
    [`\${PROP('Dim.bucket')}`, ''],
    [`\${MIN} to \${MAX}, now \${LAST}`, '500 to 3,000, now 500'],
    [`\${AVG}`, '1,500'],
  ])('names values of its series: %s', (text, written) => {
    expect(writeLabel(parseLabel(text), series)).toBe(written);
  });

  it('writes large values in three digits', () => {
    const bytes = { periodSeconds: 60, points: new Map([[0, 20_100_000_000]]) };
    expect(writeLabel(parseLabel(`video \${SUM}`), bytes)).toBe('video 20.1G');
  });

  it('leaves values out where there is no datapoint', () => {
    expect(writeLabel(parseLabel(`Uploads \${SUM}`), { periodSeconds: 60, points: new Map() })).toBe('Uploads ');
  });

  it.each([`\${STDDEV}`, `\${PROP('Period')}`])('is refused with a value that is not known: %s', (text) => {
    expect(() => parseLabel(text)).toThrow(expect.objectContaining({ code: 'unknown-label' }));
  });
});
