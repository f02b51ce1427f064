import { describe, expect, it } from 'vitest';
import { toRange } from '../../../src/cli/arguments/options.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const DAY_MS = 86_400_000;

describe('toRange', () => {
  it('ends within the hour, however far the end is: each day of a range costs queries', () => {
    const since = new Date('2026-11-20T00:00:00Z');
    const soon = new Date('2026-11-22T13:00:00Z');
    expect(toRange({ since, until: new Date('9999-12-31T00:00:00Z') }, NOW, DAY_MS)).toEqual({ since, until: soon });
    expect(toRange({ since }, NOW, DAY_MS)).toEqual({ since, until: soon });
  });

  it('begins its time back from now where the end is in the future, and from the end where it is not', () => {
    const [past, future] = [new Date('2026-11-10T00:00:00Z'), new Date('2027-01-01T00:00:00Z')];
    expect(toRange({ until: future }, NOW, DAY_MS).since).toEqual(new Date('2026-11-21T12:00:00Z'));
    expect(toRange({ until: past }, NOW, DAY_MS).since).toEqual(new Date('2026-11-09T00:00:00Z'));
  });

  it('refuses a beginning in the future', () => {
    const message = '--since (2027-01-01T00:00:00.000Z) is in the future: it is now 2026-11-22T12:00:00.000Z';
    expect(() => toRange({ since: new Date('2027-01-01T00:00:00Z') }, NOW, DAY_MS)).toThrow(message);
  });

  it('refuses a beginning after the end, or at it', () => {
    const [early, late] = [new Date('2026-11-20T00:00:00Z'), new Date('2026-11-21T00:00:00Z')];
    const message = '--since (2026-11-21T00:00:00.000Z) must be before --until (2026-11-20T00:00:00.000Z)';
    expect(() => toRange({ since: late, until: early }, NOW, DAY_MS)).toThrow(message);
    expect(() => toRange({ since: late, until: late }, NOW, DAY_MS)).toThrow('must be before --until');
  });
});
