import { describe, expect, it } from 'vitest';
import { parseSize } from '../../../src/cli/arguments/numbers.ts';

describe('parseSize', () => {
  it.each([
    ['0', 0],
    ['500', 500],
    ['500B', 500],
    ['10MB', 10_000_000],
    ['10 mb', 10_000_000],
    ['1kB', 1000],
    ['1KiB', 1024],
    ['1GiB', 2 ** 30],
    ['1.5 GB', 1_500_000_000],
    ['0.0015kB', 2],
    ['5TB', 5e12],
    ['1PiB', 2 ** 50],
  ])('reads %s', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it.each(['', 'MB', '10M', '10 apples', '-1', '1e3', '1iB', '1,5GB', '99PB'])('rejects %j', (text) => {
    expect(() => parseSize(text)).toThrow('expected a size');
  });
});
