import { describe, expect, it } from 'vitest';
import { displayGroup, displayKey, displayName, displayUploader } from '../../../src/digest/email/email-content.ts';
import { OTHER, UNKNOWN } from '../../../src/digest/summary/batch-summary.ts';

describe('a name in an email', () => {
  it.each([
    ['photos/my cat (1).jpg', 'photos/my cat (1).jpg'],
    ['cat"s.jpg', 'cat"s.jpg'],
    [' cat.jpg', '" cat.jpg"'],
    ['cat.jpg ', '"cat.jpg "'],
    ['"cat.jpg"', '""cat.jpg""'],
    ['', '""'],
  ])('%j stands in quotes only where its ends would not be seen: %j', (name, shown) => {
    expect(displayKey(name)).toBe(shown);
    expect(displayName(name)).toBe(shown);
  });

  it('stands in quotes when it starts as our own do, but a key does not: none of ours stands there', () => {
    expect(displayName('(unknown)')).toBe('"(unknown)"');
    expect(displayKey('(unknown)')).toBe('(unknown)');
    expect([displayUploader(undefined), displayUploader('(unknown)')]).toEqual(['(unknown)', '"(unknown)"']);
  });

  it('is shortened beyond 120 units as a key, and beyond 60 as a name', () => {
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
  ])('of the group %j is %j', (group, shown) => {
    expect(displayGroup(group)).toBe(shown);
  });
});
