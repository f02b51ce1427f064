import { describe, expect, it } from 'vitest';
import { formatPeriod, timeFormat } from '../../src/digest/format-time.ts';

const berlin = timeFormat('Europe/Berlin');

describe('times for people', () => {
  it('names the month and the zone, so that no date can be read in two ways', () => {
    expect(berlin('2026-03-02T10:15:30.123Z')).toBe('2 Mar 2026, 11:15:30 CET');
    expect(berlin('2026-07-12T22:15:30.123Z')).toBe('13 Jul 2026, 00:15:30 CEST');
    expect(timeFormat('UTC')('2026-09-30T00:00:00.000Z')).toBe('30 Sep 2026, 00:00:00 UTC');
    expect(timeFormat('America/New_York')('2026-11-22T10:15:30.000Z')).toBe('22 Nov 2026, 05:15:30 GMT-5');
  });

  it('tells the two hours apart that an autumn night has of one name', () => {
    expect(berlin('2026-10-25T00:30:00.000Z')).toBe('25 Oct 2026, 02:30:00 CEST');
    expect(berlin('2026-10-25T01:30:00.000Z')).toBe('25 Oct 2026, 02:30:00 CET');
  });

  it('says the date of a period once where it starts and ends on one day', () => {
    const period = (since: string, until: string) => formatPeriod(since, until, berlin);
    expect(period('2026-11-22T10:00:00.000Z', '2026-11-22T10:15:04.000Z')).toBe(
      '22 Nov 2026, 11:00:00 to 11:15:04 CET',
    );
    expect(period('2026-11-22T22:50:00.000Z', '2026-11-22T23:05:00.000Z')).toBe(
      '22 Nov 2026, 23:50:00 CET to 23 Nov 2026, 00:05:00 CET',
    );
    expect(period('2026-10-25T00:30:00.000Z', '2026-10-25T01:30:00.000Z')).toBe(
      '25 Oct 2026, 02:30:00 CEST to 25 Oct 2026, 02:30:00 CET',
    );
  });

  it('refuses a zone that does not exist', () => {
    expect(() => timeFormat('Mars/Olympus')).toThrow(RangeError);
  });
});
