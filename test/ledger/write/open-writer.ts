import { vi } from 'vitest';
import type { SendPuts } from '../../../src/ledger/write/batch-write.ts';
import { LedgerWriter, type LedgerWriterOptions } from '../../../src/ledger/write/writer.ts';
import { systemClock } from '../../../src/shared/clock.ts';

export const storesAll: SendPuts = async () => [];

/** An error under DynamoDB's name for it. */
export function named(name: string): Error {
  return Object.assign(new Error('injected'), { name });
}

/** A writer with plenty of time, and what it sent. */
export function writerOf(send: SendPuts, overrides: Partial<LedgerWriterOptions> = {}) {
  const sent = vi.fn(send);
  const clock = randomClock(0.5);
  const writer = new LedgerWriter({ send: sent, remainingMilliseconds: () => 30_000, clock, ...overrides });
  const sizes = () => sent.mock.calls.map(([records]) => records.length);
  return { writer, sent, sizes };
}

/** The clock that the test has faked, with one number for all chances. */
export function randomClock(random: number) {
  return { ...systemClock, random: () => random };
}

/** `stored`, or the code of the error, for each record. */
export function outcomes(puts: readonly Promise<unknown>[]): Promise<string[]> {
  return Promise.all(
    puts.map((put) =>
      put.then(
        () => 'stored',
        (error) => error.code,
      ),
    ),
  );
}

/** Lets everything happen that needs no answer from outside. */
export const run = (milliseconds = 60_000) => vi.advanceTimersByTimeAsync(milliseconds);

/** The time left of an invocation of so many milliseconds that begins now. */
export function invocationOf(milliseconds: number): Pick<LedgerWriterOptions, 'remainingMilliseconds'> {
  const killed = Date.now() + milliseconds;
  return { remainingMilliseconds: () => killed - Date.now() };
}
