import { describe, expect, it } from 'vitest';
import { EVENT_PATTERN, matchesEventPattern } from '../../../src/local/events/event-pattern.ts';

const event = (key: string, bucket = 'invoices') => ({
  source: 'aws.s3',
  detail: { bucket: { name: bucket }, object: { key } },
});

describe('an event pattern', () => {
  it('compares every field that it names, and no other', () => {
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

  it.each([
    [{ prefix: { 'equals-ignore-case': 'IN/' } }, 'in/a.pdf', true],
    [{ suffix: { 'equals-ignore-case': '.PDF' } }, 'a.pdf', true],
    [{ 'equals-ignore-case': 'A.PDF' }, 'a.pdf', true],
    [{ 'equals-ignore-case': 'a' }, 'ab', false],
    [{ 'anything-but': 'a' }, 'a', false],
    [{ 'anything-but': 'a' }, 'b', true],
    [{ 'anything-but': ['a', 'b'] }, 'b', false],
    [{ 'anything-but': { prefix: 'tmp/' } }, 'tmp/a', false],
    [{ 'anything-but': { prefix: ['tmp/', 'log/'] } }, 'log/a', false],
    [{ 'anything-but': { wildcard: '*.tmp' } }, 'a.pdf', true],
    [{ 'anything-but': 'a' }, undefined, false],
    [{ numeric: ['>', 10] }, 11, true],
    [{ numeric: ['>', 10] }, 10, false],
    [{ numeric: ['>', 10] }, '11', false],
    [{ numeric: ['>=', 10, '<', 20] }, 10, true],
    [{ numeric: ['>=', 10, '<', 20] }, 20, false],
    [{ numeric: ['=', 3] }, 3, true],
    [{ exists: true }, 'a', true],
    [{ exists: true }, undefined, false],
    [{ exists: false }, undefined, true],
    [{ exists: false }, '', false],
    [7, 7, true],
    [7, '7', false],
    [null, null, true],
    [true, true, true],
    ['b', ['a', 'b'], true],
    ['c', ['a', 'b'], false],
    [{ prefix: 'in/' }, ['a', 'in/b'], true],
    [{ prefix: 'in/' }, 5, false],
  ])('%j and the value %j: %s', (wanted, value, matches) => {
    const pattern = EVENT_PATTERN.parse({ detail: { field: [wanted] } });
    expect(matchesEventPattern(pattern, { detail: value === undefined ? {} : { field: value } })).toBe(matches);
  });

  it('takes an event by any of several alternatives, and by what stands beside them', () => {
    const absent = { redeliver_to: [{ exists: false }] };
    const pattern = EVENT_PATTERN.parse({ detail: { $or: [absent, { redeliver_to: ['chat'] }], size: [1] } });
    expect(matchesEventPattern(pattern, { detail: { size: 1 } })).toBe(true);
    expect(matchesEventPattern(pattern, { detail: { size: 1, redeliver_to: 'chat' } })).toBe(true);
    expect(matchesEventPattern(pattern, { detail: { size: 1, redeliver_to: 'other' } })).toBe(false);
    expect(matchesEventPattern(pattern, { detail: { size: 2 } })).toBe(false);
  });

  it('reads alternatives at the top as well', () => {
    const asked = { type: ['new'], detail: { size: [1], again: [{ exists: false }] } };
    const pattern = EVENT_PATTERN.parse({ source: ['a'], $or: [asked, { detail: { again: ['chat'] } }] });
    expect(matchesEventPattern(pattern, { source: 'a', type: 'new', detail: { size: 1 } })).toBe(true);
    expect(matchesEventPattern(pattern, { source: 'a', type: 'old', detail: { size: 2, again: 'chat' } })).toBe(true);
    expect(matchesEventPattern(pattern, { source: 'a', type: 'new', detail: { size: 1, again: 'x' } })).toBe(false);
    expect(matchesEventPattern(pattern, { source: 'b', type: 'new', detail: { size: 1 } })).toBe(false);
  });

  it('finds a field absent when what should hold it is absent', () => {
    expect(matchesEventPattern({ detail: { a: { b: [{ exists: false }] } } }, {})).toBe(true);
    expect(matchesEventPattern({ detail: { a: { b: ['x'] } } }, {})).toBe(false);
  });

  it('looks into each object of a list', () => {
    const pattern = { objects: { key: ['b'] } };
    expect(matchesEventPattern(pattern, { objects: [{ key: 'a' }, { key: 'b' }] })).toBe(true);
    expect(matchesEventPattern(pattern, { objects: [{ key: 'a' }] })).toBe(false);
  });

  it('sees only what an event says itself', () => {
    expect(matchesEventPattern({ constructor: [{ exists: true }] }, {})).toBe(false);
  });

  it.each([
    [{ detail: { key: [{ cidr: '10.0.0.0/8' }] } }, 'does not know {"cidr":"10.0.0.0/8"} at detail.key'],
    [{ detail: { key: [{ prefix: 5 }] } }, 'does not know {"prefix":5}'],
    [{ detail: { key: [{ prefix: 'a', suffix: 'b' }] } }, 'does not know {"prefix":"a","suffix":"b"}'],
    [{ detail: { size: [{ numeric: ['<'] }] } }, 'does not know {"numeric":["<"]}'],
    [{ detail: { size: [{ numeric: ['~', 1] }] } }, 'does not know {"numeric":["~",1]}'],
    [{ detail: { key: [{ 'anything-but': { cidr: 'x' } }] } }, 'does not know {"anything-but":{"cidr":"x"}}'],
    [{ detail: { key: 'a' } }, 'expected lists of values at detail.key'],
    [{ $or: [{ key: 'a' }] }, 'expected lists of values at $or.key'],
  ])('is refused when it holds what is not known: %j', (pattern, message) => {
    expect(EVENT_PATTERN.safeParse(pattern).error?.issues[0]?.message).toContain(message);
  });
});
