import { setTimeout as wait } from 'node:timers/promises';

/** Milliseconds: the most that the first wait can take. */
const FIRST_WAIT = 50;
/** Milliseconds: the most that any wait can take. */
const LONGEST_WAIT = 5_000;

/**
 * Milliseconds to wait before the next try: anything from nothing to a bound that doubles with each refusal ("full jitter"), so
 * that invocations that were refused together do not come back together.
 *
 * @param refusals 1 or more.
 * @param random A number in [0, 1).
 */
export function fullJitter(refusals: number, random: () => number): number {
  return random() * Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (refusals - 1));
}

/** What bounds the tries: the invocation's clock and its randomness. */
export interface TryingOptions {
  /** Milliseconds until the invocation is killed. */
  readonly remainingMilliseconds: () => number;
  /** Numbers in [0, 1), for the waits between tries. */
  readonly random: () => number;
}

/** Milliseconds kept back for what comes after. */
const RESERVE = 500;

/** 4xx errors of DynamoDB that a retry can cure. Source: DynamoDB, "Error handling". */
const THROTTLED = new Set([
  'ThrottlingException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'LimitExceededException',
]);

/**
 * Tries the call, beyond the client's own retries, until it succeeds, fails for good or is out of time: a table that is
 * throttled for some seconds must not send a whole batch back.
 *
 * @param call Has to be safe to repeat. The signal aborts it when time is up.
 * @throws the last error.
 */
export async function keepTrying<T>(call: (signal: AbortSignal) => Promise<T>, options: TryingOptions): Promise<T> {
  for (let failures = 1; ; failures += 1) {
    const timeLeft = Math.max(0, Math.floor(options.remainingMilliseconds() - RESERVE));
    try {
      return await call(AbortSignal.timeout(timeLeft));
    } catch (error) {
      const pause = fullJitter(failures, options.random);
      if (!isTransient(error) || options.remainingMilliseconds() - RESERVE <= pause) throw error;
      await wait(pause);
    }
  }
}

/** Everything but a refusal by content: a 4xx that is no throttling. */
function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode;
  return status === undefined || status >= 500 || THROTTLED.has(error.name);
}
