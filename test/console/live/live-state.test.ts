import { describe, expect, it } from 'vitest';
import {
  DelayWindow,
  LastMinute,
  LiveState,
  MinuteSeries,
  RECORDS_SHOWN,
} from '../../../src/console/live/live-state.ts';
import { MINUTES_SHOWN } from '../../../src/console/page/stack-minutes.ts';
import { CATEGORIES } from '../../../src/contract/uploads.ts';
import { uploadAt } from '../records.ts';

const NOW = Date.parse('2026-11-22T12:00:30Z');
const MINUTE = 60_000;

describe('LiveState', () => {
  it('has no change when nothing has changed', () => {
    const state = new LiveState();
    expect(state.takeChange(NOW)).toBeUndefined();
    state.setTrouble('ledger', undefined);
    expect(state.takeChange(NOW)).toBeUndefined();
  });

  it('shows the newest of a burst, and counts the others', () => {
    const state = new LiveState();
    const count = RECORDS_SHOWN * 7 + 13;
    for (let index = 0; index < count; index += 1) state.show(uploadAt(NOW, `${index}`));
    const change = state.takeChange(NOW);
    expect(change?.records).toHaveLength(RECORDS_SHOWN);
    expect(change?.records.at(-1)?.s3_key).toBe(`${count - 1}`);
    expect((change?.skipped ?? 0) + RECORDS_SHOWN).toBe(count);
    expect(state.snapshot(NOW).records).toHaveLength(RECORDS_SHOWN);
  });

  it('says when everything that was there at the start has been read', () => {
    const state = new LiveState();
    expect(state.snapshot(NOW).isReading).toBe(true);
    state.setRead();
    expect(state.takeChange(NOW)?.isReading).toBe(false);
    state.setRead();
    expect(state.takeChange(NOW)).toBeUndefined();
  });

  it('says when the hour before the start has been counted', () => {
    const state = new LiveState();
    expect(state.snapshot(NOW).isCounting).toBe(true);
    state.setCounted();
    expect(state.takeChange(NOW)?.isCounting).toBe(false);
    state.setCounted();
    expect(state.takeChange(NOW)).toBeUndefined();
  });

  it('reports the uploads of the last minute also when they leave it', () => {
    const state = new LiveState();
    state.count(uploadAt(NOW, 'a', { filesize: 10 }), NOW);
    expect(state.takeChange(NOW)?.lastMinute).toEqual({ uploads: 1, bytes: 10 });
    expect(state.takeChange(NOW + 59_000)).toBeUndefined();
    expect(state.takeChange(NOW + 60_000)?.lastMinute).toEqual({ uploads: 0, bytes: 0 });
    expect(state.takeChange(NOW + 61_000)).toBeUndefined();
  });

  it('reports each trouble until it is over', () => {
    const state = new LiveState();
    state.setTrouble('ledger', 'The table is away.');
    state.setTrouble('queues', 'The queue is away.');
    expect(state.takeChange(NOW)?.trouble).toBe('The table is away. The queue is away.');
    state.setTrouble('ledger', undefined);
    state.setTrouble('queues', undefined);
    expect(state.takeChange(NOW)).not.toHaveProperty('trouble');
  });
});

describe('MinuteSeries', () => {
  it('counts by category in the minute of the events', () => {
    const series = new MinuteSeries();
    series.add(uploadAt(NOW, 'a', { filesize: 10 }), NOW);
    series.add(uploadAt(NOW, 'b', { filesize: 5, category: 'other' }), NOW);
    series.add(uploadAt(NOW - MINUTE, 'c', { filesize: 7 }), NOW);
    series.add(uploadAt(NOW, 'd', { status: 'deleted' }), NOW);
    const share = (name: string, values: readonly number[]) => values[CATEGORIES.indexOf(name as 'image')];
    const [before, now] = series.all(NOW);
    expect([before?.minute, now?.minute]).toEqual([1_795_348_740, 1_795_348_800]);
    expect([share('image', before?.uploads ?? []), share('image', before?.bytes ?? [])]).toEqual([1, 7]);
    expect([share('image', now?.uploads ?? []), share('other', now?.bytes ?? [])]).toEqual([1, 5]);
  });

  it('forgets minutes older than an hour, and counts nothing in them', () => {
    const series = new MinuteSeries();
    for (let minute = 0; minute < 200; minute += 1)
      series.add(uploadAt(NOW + minute * MINUTE, 'a'), NOW + minute * MINUTE);
    const later = NOW + 199 * MINUTE;
    expect(series.all(later)).toHaveLength(MINUTES_SHOWN);
    series.add(uploadAt(NOW, 'late'), later);
    expect(series.all(later)).toHaveLength(MINUTES_SHOWN);
  });

  it('reports each change once', () => {
    const series = new MinuteSeries();
    series.add(uploadAt(NOW, 'a'), NOW);
    expect(series.takeChanged()).toHaveLength(1);
    expect(series.takeChanged()).toEqual([]);
  });
});

describe('LastMinute', () => {
  it('counts the uploads of the last 60 seconds, and nothing else', () => {
    const last = new LastMinute();
    last.add(uploadAt(NOW, 'a', { filesize: 10 }), NOW);
    last.add(uploadAt(NOW - 59_000, 'b', { filesize: 5 }), NOW);
    last.add(uploadAt(NOW - MINUTE, 'c', { filesize: 7 }), NOW);
    last.add(uploadAt(NOW, 'd', { status: 'deleted', filesize: 3 }), NOW);
    expect(last.view(NOW)).toEqual({ uploads: 2, bytes: 15 });
    expect(last.view(NOW + 1000)).toEqual({ uploads: 1, bytes: 10 });
    expect(last.view(NOW + MINUTE)).toEqual({ uploads: 0, bytes: 0 });
  });

  it('counts an upload whose time is still to come for no longer than a minute', () => {
    const last = new LastMinute();
    last.add(uploadAt(NOW + 10 * MINUTE, 'a', { filesize: 10 }), NOW);
    expect(last.view(NOW)).toEqual({ uploads: 1, bytes: 10 });
    expect(last.view(NOW + MINUTE)).toEqual({ uploads: 0, bytes: 0 });
  });
});

describe('DelayWindow', () => {
  it('gives the median and the greatest delay of the last five minutes', () => {
    const window = new DelayWindow();
    expect(window.view(NOW)).toBeUndefined();
    for (const delay of [5, 1, 100]) window.add(delay, NOW);
    expect(window.view(NOW)).toEqual({ median: 5, greatest: 100, count: 3 });
    expect(window.view(NOW + 6 * MINUTE)).toBeUndefined();
  });

  it('gives no negative delay, whatever the clocks say', () => {
    const window = new DelayWindow();
    window.add(-500, NOW);
    expect(window.view(NOW)).toEqual({ median: 0, greatest: 0, count: 1 });
  });

  it('keeps a bounded number of delays', () => {
    const window = new DelayWindow();
    for (let index = 0; index < 50_000; index += 1) window.add(index, NOW);
    expect(window.view(NOW)?.count).toBeLessThanOrEqual(2000);
    expect(window.view(NOW)?.greatest).toBe(49_999);
  });
});
