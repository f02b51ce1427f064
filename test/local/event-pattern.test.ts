import { describe, expect, it } from 'vitest';
import { matchesEventPattern } from '../../src/local/object-notifier/event-pattern.ts';

const event = (key: string, bucket = 'invoices') => ({
  source: 'aws.s3',
  detail: { bucket: { name: bucket }, object: { key } },
});

describe('an event pattern', () => {
  it('asks every field that it names, and no other', () => {
    const pattern = { source: ['aws.s3'], detail: { bucket: { name: ['invoices', 'receipts'] } } };
    expect(matchesEventPattern(pattern, event('a'))).toBe(true);
    expect(matchesEventPattern(pattern, event('a', 'receipts'))).toBe(true);
    expect(matchesEventPattern(pattern, event('a', 'other'))).toBe(false);
    expect(matchesEventPattern(pattern, { source: 'aws.s3' })).toBe(false);
    expect(matchesEventPattern(pattern, { source: 'aws.s3', detail: { bucket: null } })).toBe(false);
  });

  it.each([
    [{ prefix: 'in/' }, 'in/a.pdf', true],
    [{ prefix: 'in/' }, 'out/in/a.pdf', false],
    [{ suffix: '.pdf' }, 'in/a.pdf', true],
    [{ suffix: '.pdf' }, 'in/a.pdf.gz', false],
    [{ wildcard: 'in/*.pdf' }, 'in/a\nb.pdf', true],
    [{ wildcard: 'in/*.pdf' }, 'in/apdf', false],
    [{ wildcard: 'a\\\\*' }, 'a\\b', true],
    [{ wildcard: 'a\\*b' }, 'a*b', true],
    [{ wildcard: 'a\\*b' }, 'axb', false],
    ['in/(a).pdf', 'in/(a).pdf', true],
  ])('%j and the key %j: %s', (value, key, matches) => {
    expect(matchesEventPattern({ detail: { object: { key: [value] } } }, event(key))).toBe(matches);
  });
});
