import { type ClientRetries, Life } from './process-life.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What happens to one invocation. */
export type InvocationFault = 'killed' | 'does-not-load';

export interface Invocation {
  readonly requestId: string;
  readonly remainingMilliseconds: () => number;
  /** Ends with the invocation: what the code does afterwards must have no effect. */
  readonly life: Life;
}

export interface InvocationOptions {
  readonly clock: VirtualClock;
  readonly requestId: string;
  readonly timeoutMs: number;
  readonly fault: InvocationFault | undefined;
  /** Milliseconds after which an invocation that is killed has ended, at most. @default 500 */
  readonly killedWithinMs?: number;
  /** What the clients of the execution environment remember. @default they are new */
  readonly retries?: ClientRetries;
}

/** Milliseconds until Lambda says that the code did not load. */
const INIT_ERROR_MS = 1_000;
/** Invokes a function as Lambda does. @returns What the code answers; undefined when it does not, or throws. */
export async function invoke<T>(
  { clock, requestId, timeoutMs, fault, killedWithinMs = 500, retries }: InvocationOptions,
  handle: (invocation: Invocation) => Promise<T>,
): Promise<T | undefined> {
  if (fault === 'does-not-load') {
    await clock.sleep(INIT_ERROR_MS);
    return undefined;
  }
  const life = new Life(retries);
  const endsAt = clock.now() + timeoutMs;
  const remainingMilliseconds = () => Math.max(0, endsAt - clock.now());
  const killedAfterMs = fault === 'killed' ? clock.random() * killedWithinMs : timeoutMs;
  const answer = await new Promise<T | undefined>((resolve) => {
    const cancel = clock.after(killedAfterMs, () => resolve(undefined));
    const settle = (response?: T) => {
      cancel();
      resolve(response);
    };
    handle({ requestId, remainingMilliseconds, life }).then(settle, () => settle());
  });
  life.end();
  return answer;
}
