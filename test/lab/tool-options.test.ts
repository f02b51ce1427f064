import { describe, expect, it } from 'vitest';
import { readOptions } from './tool-options.ts';

const DEFAULTS = { uploads: 5000, quick: false, only: '', json: undefined };

describe('the options of a tool', () => {
  it('are its defaults when none is given', () => {
    expect(readOptions([], DEFAULTS)).toEqual(DEFAULTS);
  });

  it('are what is given, each of the type of its default', () => {
    const args = ['--uploads', '20', '--quick', '--only', 'list', '--json=out.json'];
    expect(readOptions(args, DEFAULTS)).toEqual({ uploads: 20, quick: true, only: 'list', json: 'out.json' });
  });

  it.each([
    [['--nope'], "Unknown option '--nope'"],
    [['extra'], "Unexpected argument 'extra'"],
    [['--uploads', 'many'], 'Expected --uploads to be a whole number from 1, got "many".'],
    [['--uploads', '0'], 'Expected --uploads to be a whole number from 1, got "0".'],
  ])('refuse %j', (args, message) => {
    expect(() => readOptions(args, DEFAULTS)).toThrow(message);
  });
});
