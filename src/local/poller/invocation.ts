import type { Clock } from '../../shared/clock.ts';
import { sleepUnlessAborted } from '../../shared/concurrency.ts';
import { toError } from '../../shared/errors.ts';
import { fullJitter } from '../../shared/retry.ts';
import type { InvokableFunction } from '../lambda/local-function.ts';
import { type BatchItemFailures, parseBatchResponse, toPayload } from './batch.ts';

/** What became of one batch. */
export interface BatchReport {
  /** Messages or records in the batch. */
  readonly size: number;
  /** Of the invocation; absent when it could not begin. */
  readonly requestId?: string;
  /** How many of them are left. */
  readonly failures: number;
  /** Why the batch failed as a whole. */
  readonly error?: string;
  /** Of a queue: from the beginning of the invocation until the last deletion. */
  readonly durationMs: number;
}

type OnError = ((error: Error) => void) | undefined;

interface InvocationOptions {
  readonly fn: InvokableFunction;
  readonly mapping: { readonly reportsBatchItemFailures: boolean };
  /** Called when the function cannot be invoked at all: then every record has failed. */
  readonly onError?: OnError;
}

/** Invokes a function with a batch, and reads its answer as Lambda does. */
export async function invokeWithBatch(
  { fn, mapping, onError }: InvocationOptions,
  records: readonly { readonly id: string; readonly json: string }[],
): Promise<BatchItemFailures & { readonly requestId?: string }> {
  const ids = new Set(records.map(({ id }) => id));
  const outcome = await orReport(fn.invoke(toPayload(records)), onError);
  if (outcome === undefined) return { failed: ids, error: 'The function could not be invoked.' };
  const { requestId } = outcome;
  if (outcome.outcome === 'error') {
    return { requestId, failed: ids, error: `${outcome.errorType}: ${outcome.errorMessage}` };
  }
  if (!mapping.reportsBatchItemFailures) return { requestId, failed: new Set() };
  return { requestId, ...parseBatchResponse(outcome.payload, ids) };
}

/** The result of `work`, or undefined after reporting its failure. */
export async function orReport<T>(work: Promise<T>, onError: OnError): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    onError?.(toError(error));
    return undefined;
  }
}

/** One pause after each failure, longer the more failures come in a row. */
export class Backoff {
  readonly #clock: Pick<Clock, 'random' | 'sleep'>;
  #failures = 0;
  #pauseMs = 0;

  constructor(clock: Pick<Clock, 'random' | 'sleep'>) {
    this.#clock = clock;
  }

  note(hasFailed: boolean): void {
    this.#failures = hasFailed ? this.#failures + 1 : 0;
    this.#pauseMs = hasFailed ? fullJitter(this.#failures, this.#clock) : 0;
  }

  /** Waits once for the failures noted since the last wait. Resolves at once when the signal is aborted. */
  async wait(signal: AbortSignal): Promise<void> {
    const pauseMs = this.#pauseMs;
    this.#pauseMs = 0;
    if (pauseMs > 0) await sleepUnlessAborted(pauseMs, this.#clock, signal);
  }
}
