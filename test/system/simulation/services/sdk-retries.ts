import type { Clock } from '../../../../src/shared/clock.ts';

export interface RetriesOptions {
  readonly clock: Pick<Clock, 'random' | 'sleep'>;
  /** Tries of one call, the first included. */
  readonly maxAttempts: number;
  /** Longest wait before the second try, in milliseconds; it doubles with every further one. */
  readonly firstWaitMs: number;
}

interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  readonly isAlive?: () => boolean;
  /** @default true */
  readonly repeatsThrottled?: boolean;
}

/** The defaults of the SDK's clients in `standard` mode. */
export const SDK_RETRIES = {
  dynamodb: { maxAttempts: 4, firstWaitMs: 25 },
  others: { maxAttempts: 3, firstWaitMs: 50 },
} as const;

/** Longest wait before the second try of a throttled call. */
const THROTTLED_WAIT_MS = 1_000;
const MAX_WAIT_MS = 20_000;
/** What a client may spend on repeats; a repeat that succeeds gives back what it took, every other success gives 1. */
const CAPACITY = 500;
const COST = { throttled: 5, transient: 14 } as const;

const THROTTLED: ReadonlySet<string> = new Set([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'Throttling',
  'ThrottlingException',
]);

/**
 * The retries of one client of the SDK, on a virtual clock. Like a client, it belongs to one process: during an outage its capacity
 * runs out, and then calls are tried once. Source: the SDK's `StandardRetryStrategy`.
 */
export class SdkRetries {
  readonly #options: RetriesOptions;
  #capacity = CAPACITY;

  constructor(options: RetriesOptions) {
    this.#options = options;
  }

  /**
   * @param isAlive Whether the caller still is: whoever is gone repeats nothing.
   * @throws what the last try failed with.
   */
  async run<T>(
    attempt: () => Promise<T>,
    { signal, isAlive = () => true, repeatsThrottled = true }: RunOptions = {},
  ): Promise<T> {
    const { clock, maxAttempts, firstWaitMs } = this.#options;
    let spent = 1;
    for (let tries = 1; ; tries += 1) {
      if (!isAlive()) return new Promise<never>(() => undefined);
      try {
        const answer = await attempt();
        this.#capacity = Math.min(CAPACITY, this.#capacity + spent);
        return answer;
      } catch (error) {
        const kind = kindOf(error);
        if (kind === 'throttled' && !repeatsThrottled) throw error;
        if (kind === undefined || tries === maxAttempts || this.#capacity < COST[kind] || signal?.aborted) throw error;
        spent = COST[kind];
        this.#capacity -= spent;
        const wait = kind === 'throttled' ? THROTTLED_WAIT_MS : firstWaitMs;
        await clock.sleep(clock.random() * Math.min(MAX_WAIT_MS, wait * 2 ** (tries - 1)), signal);
      }
    }
  }
}

function kindOf(error: unknown): keyof typeof COST | undefined {
  if (!(error instanceof Error)) return undefined;
  if (THROTTLED.has(error.name)) return 'throttled';
  const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
  const isTransient = error.name === 'TimeoutError' || ($metadata?.httpStatusCode ?? 0) >= 500;
  return isTransient ? 'transient' : undefined;
}

/** The connection broke before the answer came, in the SDK's words. */
export function connectionReset(): Error {
  return Object.assign(new Error('socket hang up'), { name: 'TimeoutError', code: 'ECONNRESET' });
}

/** The client's own limit on one try is over. */
export function requestTimeout(milliseconds: number): Error {
  return Object.assign(new Error(`the request took longer than ${milliseconds} ms`), { name: 'TimeoutError' });
}
