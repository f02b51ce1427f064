/** What bounds one invocation, and names it. */
export interface Invocation {
  readonly requestId: string;
  /** Milliseconds that the invocation had when it began. */
  readonly milliseconds: number;
  /** Milliseconds until the invocation is killed. */
  readonly remainingMilliseconds: () => number;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Numbers in [0, 1), for the waits between tries. */
  readonly random: () => number;
}
