import type { Clock } from './clock.ts';

export interface RetryOptions {
  readonly clock: Clock;
  /** When the last try has to be over, by the clock's `now()`. */
  readonly deadline: number;
  /** Whether another try may succeed. @default {@link isTransient} */
  readonly isRetryable?: (error: unknown) => boolean;
  /** Milliseconds that one try may take. @default as long as there is time */
  readonly attemptMs?: number;
  /** Milliseconds below which no further try is made. @default 0 */
  readonly minAttemptMs?: number;
  /** Milliseconds: the longest first wait, see {@link fullJitter}. */
  readonly firstWaitMs?: number;
}

const FIRST_WAIT_MS = 50;
const MAX_WAIT_MS = 5_000;

/** 4xx errors of DynamoDB that a retry can cure. Source: DynamoDB, "Error handling". */
const THROTTLED = new Set([
  'ThrottlingException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'LimitExceededException',
]);

/**
 * For the SDK's clients of a function, in milliseconds, so that a service that does not answer costs an attempt and not
 * the whole invocation: within one Region all take a few milliseconds. `requestTimeout` ends with the answer's headers;
 * `socketTimeout` ends an answer whose body stalls. Without `throwOnRequestTimeout` the SDK only warns.
 */
export const SDK_TIMEOUTS = {
  connectionTimeout: 1_000,
  requestTimeout: 3_000,
  socketTimeout: 3_000,
  throwOnRequestTimeout: true,
} as const;

/**
 * Repeats a call, beyond the SDK's own retries, until it succeeds, fails for good or is out of time.
 *
 * @param call Must be safe to repeat. The signal is aborted when the try's time is up.
 * @throws the last error.
 */
export async function retry<T>(call: (signal: AbortSignal) => Promise<T>, options: RetryOptions): Promise<T> {
  const {
    clock,
    deadline,
    isRetryable = isTransient,
    attemptMs = Number.POSITIVE_INFINITY,
    minAttemptMs = 0,
  } = options;
  for (let failures = 1; ; failures += 1) {
    try {
      return await call(clock.timeout(Math.min(attemptMs, deadline - clock.now())));
    } catch (error) {
      const wait = fullJitter(failures, clock, options.firstWaitMs);
      if (!isRetryable(error) || deadline - clock.now() - wait <= minAttemptMs) throw error;
      await clock.sleep(wait);
    }
  }
}

/**
 * Milliseconds to wait before the next try: anything from nothing to a bound that doubles with each failure ("full
 * jitter"), so that callers that were refused together do not come back together.
 *
 * @param failures 1 or more.
 */
export function fullJitter(failures: number, clock: Pick<Clock, 'random'>, firstWaitMs = FIRST_WAIT_MS): number {
  return clock.random() * Math.min(MAX_WAIT_MS, firstWaitMs * 2 ** (failures - 1));
}

/** Every error but a refusal of the request's content, which is a 4xx that is no throttling. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode;
  return status === undefined || status >= 500 || THROTTLED.has(error.name);
}
