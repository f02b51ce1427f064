import { describe, expect, it } from 'vitest';
import { shrink } from './shrink.ts';

const FOREVER = { leastUploads: 100, mayTry: () => true };
const FAULTS = Array.from({ length: 200 }, (_, index) => index);

describe('the search for less trouble', () => {
  it('finds the faults that do the harm together, and the fewest uploads', async () => {
    const fails = async ({ uploads, faults }: { uploads: number; faults: readonly number[] }) =>
      uploads >= 600 && [17, 18, 150].every((culprit) => faults.includes(culprit));
    const least = await shrink({ uploads: 5000, faults: FAULTS }, { ...FOREVER, fails });
    expect(least).toEqual({ uploads: 625, faults: [17, 18, 150] });
  });

  it('finds that no fault is needed', async () => {
    const least = await shrink({ uploads: 800, faults: FAULTS }, { ...FOREVER, fails: async () => true });
    expect(least).toEqual({ uploads: 100, faults: [] });
  });

  it('stops when it may try no more', async () => {
    let tries = 0;
    const fails = async () => {
      tries += 1;
      return false;
    };
    await shrink({ uploads: 800, faults: FAULTS }, { ...FOREVER, fails, mayTry: () => tries < 5 });
    expect(tries).toBe(5);
  });
});
