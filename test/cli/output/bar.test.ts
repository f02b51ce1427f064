import { describe, expect, it } from 'vitest';
import { bar } from '../../../src/cli/output/bar.ts';

describe('a bar', () => {
  it.each([
    [100, 100, 4, '████'],
    [50, 100, 4, '██'],
    [56, 100, 4, '██▎'],
    [1, 1_000_000, 4, '▏'],
    [0, 100, 4, ''],
    [0, 0, 4, ''],
  ])('of %i against %i in %i columns is %s', (value, greatest, width, expected) => {
    expect(bar(value, greatest, width)).toBe(expected);
  });
});
