import { describe, expect, it } from 'vitest';
import { displayGroup, displayKey, displayName, displayUploader } from '../../../src/digest/email/email-content.ts';
import { OTHER, UNKNOWN } from '../../../src/digest/summary/batch-summary.ts';

describe('displayKey, displayName, displayUploader and displayGroup', () => {
  it.each([
    ['photos/my cat (1).jpg', 'photos/my cat (1).jpg'],
    ['cat"s.jpg', 'cat"s.jpg'],
    [' cat.jpg', '" cat.jpg"'],
    ['cat.jpg ', '"cat.jpg "'],
    ['"cat.jpg"', '""cat.jpg""'],
    ['', '""'],
  ])('quote %j only where its ends would not be seen: %j', (name, shown) => {
    expect(displayKey(name)).toBe(shown);
    expect(displayName(name)).toBe(shown);
  });

  it('quote a name that looks like one of our own, but no key, because no name of ours is in its place', () => {
    expect(displayName('(unknown)')).toBe('"(unknown)"');
    expect(displayKey('(unknown)')).toBe('(unknown)');
    expect([displayUploader(undefined), displayUploader('(unknown)')]).toEqual(['(unknown)', '"(unknown)"']);
  });

  it('shorten a key beyond 120 units, and a name beyond 60', () => {
    expect([displayKey('x'.repeat(120)), displayName('x'.repeat(60))]).toEqual(['x'.repeat(120), 'x'.repeat(60)]);
    expect([displayKey('x'.repeat(121)).length, displayName('x'.repeat(61)).length]).toEqual([120, 60]);
  });

  it.each([
    [OTHER, '(all others)'],
    [UNKNOWN, '(unknown)'],
    [`\\${OTHER}`, '"(other)"'],
    [`\\${UNKNOWN}`, '"(unknown)"'],
    [`\\\\${OTHER}`, '\\(other)'],
    ['\\alice', '\\alice'],
    ['(oth\\er)', '"(oth\\er)"'],
  ])('show the group %j as %j', (group, shown) => {
    expect(displayGroup(group)).toBe(shown);
  });
});
