import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../../src/shared/clock.ts';
import { compareUtf8, SortedList } from './sorted-list.ts';
import { VirtualClock } from './virtual-clock.ts';

describe('a virtual clock', () => {
  it('lets timers go off in the order of their times, and those of one time as they were set', async () => {
    const times = fc.array(fc.record({ after: fc.nat(20), isCancelled: fc.boolean() }));
    await fc.assert(
      fc.asyncProperty(times, async (timers) => {
        const clock = new VirtualClock(1_000, 1);
        const seen: [at: number, order: number][] = [];
        const cancels = timers.map(({ after }, order) => clock.after(after, () => seen.push([clock.now(), order])));
        for (const [at, cancel] of cancels.entries()) if (timers[at]?.isCancelled) cancel();
        await clock.runUntil(2_000);
        const expected = timers
          .map(({ after, isCancelled }, order) => ({ at: 1_000 + after, order, isCancelled }))
          .filter(({ isCancelled }) => !isCancelled)
          .sort((a, b) => a.at - b.at || a.order - b.order);
        expect(seen).toEqual(expected.map(({ at, order }) => [at, order]));
      }),
    );
  });

  it('stands still while anything can still run', async () => {
    const clock = new VirtualClock(0, 1);
    const steps: string[] = [];
    clock.after(1, async () => {
      await Promise.resolve();
      // As the code under test does, one after the other.
      setImmediate(() => setImmediate(() => steps.push(`put off until ${clock.now()}`)));
    });
    clock.after(2, () => steps.push('later'));
    await clock.runUntil(3);
    expect(steps).toEqual(['put off until 1', 'later']);
  });

  it('says when nothing is left that could end the work', async () => {
    const clock = new VirtualClock(0, 1);
    await expect(clock.run(new Promise(() => undefined))).rejects.toThrow('Nothing is left to happen');
  });

  it('gives whole milliseconds since 1970, like the machine', async () => {
    const clock = new VirtualClock(0, 1);
    await clock.run(clock.sleep(1.5));
    expect([clock.now(), clock.monotonic()]).toEqual([1, 1.5]);
  });

  it.each([
    ['the virtual clock', () => new VirtualClock(0, 1)],
    ['the machine', () => systemClock],
  ])('ends a sleep that is aborted with the same error as %s', async (_whose, create) => {
    const clock = create();
    const controller = new AbortController();
    const reason = new Error('enough');
    const sleep = clock.sleep(60_000, controller.signal);
    controller.abort(reason);
    await expect(sleep).rejects.toMatchObject({ name: 'AbortError', code: 'ABORT_ERR', cause: reason });
    await expect(clock.sleep(1, controller.signal)).rejects.toMatchObject({ name: 'AbortError', cause: reason });
  });

  it('aborts a signal after its time', async () => {
    const clock = new VirtualClock(0, 1);
    const signal = clock.timeout(5);
    await clock.runUntil(4);
    expect(signal.aborted).toBe(false);
    await clock.runUntil(5);
    expect(signal.reason).toMatchObject({ name: 'TimeoutError' });
  });
});

describe('a sorted list', () => {
  const keys = fc.array(fc.string({ unit: 'binary', maxLength: 3 }).filter((text) => text.isWellFormed()));

  it('holds what a sorted array holds, and begins wherever it is asked to', () => {
    fc.assert(
      fc.property(keys, keys, fc.string({ maxLength: 3 }), (added, deleted, start) => {
        const list = new SortedList<string>(compareUtf8);
        const expected = new Set(added);
        for (const key of expected) list.add(key);
        for (const key of deleted) expect(list.delete(key)).toBe(expected.delete(key));
        const sorted = [...expected].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
        expect([...list]).toEqual(sorted);
        expect(list.size).toBe(sorted.length);
        const isBefore = (key: string) => Buffer.compare(Buffer.from(key), Buffer.from(start)) < 0;
        expect([...list.ascending(isBefore)]).toEqual(sorted.filter((key) => !isBefore(key)));
        expect([...list.descending(isBefore)]).toEqual(sorted.filter(isBefore).reverse());
        for (const key of sorted) expect(list.find((other) => compareUtf8(other, key))).toBe(key);
        expect(list.find((other) => compareUtf8(other, '\u{10ffff}!'))).toBeUndefined();
      }),
    );
  });

  it('keeps ten thousand items in order, whatever order they come in', () => {
    const list = new SortedList<number>((a, b) => a - b);
    const numbers = Array.from({ length: 10_000 }, (_, at) => (at * 7_919) % 10_007);
    for (const number of numbers) list.add(number);
    expect([...list]).toEqual(numbers.toSorted((a, b) => a - b));
    expect([...list.ascending((number) => number < 9_990)]).toEqual(
      numbers.filter((n) => n >= 9_990).sort((a, b) => a - b),
    );
    for (const number of numbers) expect(list.delete(number)).toBe(true);
    expect([...list]).toEqual([]);
  });
});
