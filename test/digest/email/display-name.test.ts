import { describe, expect, it } from 'vitest';
import { shownGroup, shownKey, shownName, shownUploader } from '../../../src/digest/email/display-name.ts';
import { NOBODY, OTHER } from '../../../src/digest/summary/batch-summary.ts';

describe('a name in an email', () => {
  it.each([
    ['photos/my cat (1).jpg', 'photos/my cat (1).jpg'],
    ['cat"s.jpg', 'cat"s.jpg'],
    [' cat.jpg', '" cat.jpg"'],
    ['cat.jpg ', '"cat.jpg "'],
    ['"cat.jpg"', '""cat.jpg""'],
    ['', '""'],
  ])('%j stands in quotes only where its ends would not be seen: %j', (name, shown) => {
    expect(shownKey(name)).toBe(shown);
    expect(shownName(name)).toBe(shown);
  });

  it('stands in quotes when it starts as our own do, but a key does not: none of ours stands there', () => {
    expect(shownName('(unknown)')).toBe('"(unknown)"');
    expect(shownKey('(unknown)')).toBe('(unknown)');
    expect([shownUploader(undefined), shownUploader('(unknown)')]).toEqual(['(unknown)', '"(unknown)"']);
  });

  it('is shortened beyond 120 units as a key, and beyond 60 as a name', () => {
    expect([shownKey('x'.repeat(120)), shownName('x'.repeat(60))]).toEqual(['x'.repeat(120), 'x'.repeat(60)]);
    expect([shownKey('x'.repeat(121)).length, shownName('x'.repeat(61)).length]).toEqual([120, 60]);
  });

  it.each([
    [OTHER, '(all others)'],
    [NOBODY, '(unknown)'],
    [`\\${OTHER}`, '"(other)"'],
    [`\\${NOBODY}`, '"(unknown)"'],
    [`\\\\${OTHER}`, '\\(other)'],
    ['\\alice', '\\alice'],
    ['(oth\\er)', '"(oth\\er)"'],
  ])('of the group %j is %j', (group, shown) => {
    expect(shownGroup(group)).toBe(shown);
  });
});
