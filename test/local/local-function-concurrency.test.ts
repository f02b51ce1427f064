import { expect, it } from 'vitest';
import { resultOf, runFunction } from './function-fixture.ts';

it('a function whose reserved concurrency is used up refuses, as Lambda does, and starts nothing', async () => {
  const { fn } = runFunction('export const handler = async () => 1;');
  fn.reserveConcurrency(0);
  expect(await fn.invoke('{}')).toMatchObject({ outcome: 'error', errorType: 'TooManyRequestsException' });
  expect(fn.counters).toMatchObject({ invocations: 0, throttles: 1, coldStarts: 0 });
  fn.reserveConcurrency(1);
  const outcomes = await Promise.all([fn.invoke('{}'), fn.invoke('{}')]);
  expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['error', 'response']);
  expect(resultOf(await fn.invoke('{}'))).toBe(1);
});
