import { type LedgerQueues, queueState } from '../../dead-letters/queues.ts';
import { sleepUnlessAborted } from '../../shared/concurrency.ts';
import { SECOND_MS } from '../../shared/time.ts';
import type { ChangeView, LiveLine, QueuesView, SnapshotView } from '../api-types.ts';
import { type Handler, JSON_LINES_TYPE } from '../server/answer.ts';
import { FollowUploads, type FollowUploadsOptions } from './follow-uploads.ts';
import { LiveState } from './live-state.ts';

/** Reads the state of the queues. @param now Epoch milliseconds. */
export type ReadQueues = (now: number) => Promise<QueuesView>;

/**
 * Reads the queues by their attributes alone: nothing is received.
 *
 * SQS reports the age of the oldest message to CloudWatch only. The age here is the time since the queue was last found
 * empty, which no message in it can exceed by more than the time between two polls, unless it was there before the first.
 */
export function watchQueues({ uploads, deadLetters }: Pick<LedgerQueues, 'uploads' | 'deadLetters'>): ReadQueues {
  let emptyAt: number | undefined;
  return async (now) => {
    const [queue, dead] = await Promise.all([queueState(uploads), queueState(deadLetters)]);
    const waiting = queue.visible + queue.delayed;
    const isEmpty = waiting + queue.hidden === 0;
    if (isEmpty || emptyAt === undefined) emptyAt = now;
    return {
      waiting,
      inFlight: queue.hidden,
      backlogAge: isEmpty ? 0 : now - emptyAt,
      deadLetters: dead.visible + dead.hidden + dead.delayed,
    };
  };
}

export interface LiveFeedOptions extends FollowUploadsOptions {
  readonly readQueues: ReadQueues;
  /** What is wrong, for people. */
  readonly explain: (error: unknown) => string;
  /** Milliseconds before a failed part starts again. @default 5000 */
  readonly retryMilliseconds?: number;
}

/** Called with every change, twice a second at most. */
type Listener = (change: ChangeView) => void;

const BETWEEN_CHANGES_MS = 500;

/** Follows the ledger and the queues while anybody listens, once for all listeners. */
export class LiveFeed {
  readonly #options: LiveFeedOptions;
  readonly #listeners = new Set<Listener>();
  #state = new LiveState();
  #stop: AbortController | undefined;

  constructor(options: LiveFeedOptions) {
    this.#options = options;
  }

  /** Reports all changes after the returned snapshot. The feed starts with its first listener. */
  listen(listener: Listener): SnapshotView {
    this.#listeners.add(listener);
    if (this.#stop === undefined) this.#start();
    return this.#state.snapshot(this.#options.clock.now());
  }

  /** The feed stops with its last listener, and costs nothing then. */
  unlisten(listener: Listener): void {
    this.#listeners.delete(listener);
    if (this.#listeners.size > 0) return;
    this.#stop?.abort();
    this.#stop = undefined;
  }

  close(): void {
    for (const listener of this.#listeners) this.unlisten(listener);
  }

  #start(): void {
    const stop = new AbortController();
    this.#stop = stop;
    const state = new LiveState();
    this.#state = state;
    const follow = new FollowUploads(this.#options, state);
    void this.#keepRunning('ledger', state, stop.signal, () => follow.run(stop.signal));
    void this.#keepRunning('queues', state, stop.signal, () => this.#pollQueues(state, stop.signal));
    void this.#keepRunning('changes', state, stop.signal, () => this.#sendChanges(state, stop.signal));
  }

  /** Runs `work` until the feed stops. Shows a failure, and starts it again. */
  async #keepRunning(part: string, state: LiveState, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
    const { clock, explain, retryMilliseconds = 5 * SECOND_MS } = this.#options;
    while (!signal.aborted) {
      try {
        await work();
      } catch (error) {
        if (signal.aborted) return;
        state.setTrouble(part, explain(error));
        await sleepUnlessAborted(retryMilliseconds, clock, signal);
      }
    }
  }

  async #pollQueues(state: LiveState, signal: AbortSignal): Promise<void> {
    const { readQueues, clock, pollMilliseconds } = this.#options;
    for (;;) {
      state.setQueues(await readQueues(clock.now()));
      state.setTrouble('queues', undefined);
      await clock.sleep(2 * pollMilliseconds, signal);
    }
  }

  async #sendChanges(state: LiveState, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    for (;;) {
      await clock.sleep(BETWEEN_CHANGES_MS, signal);
      const change = state.takeChange(clock.now());
      if (change === undefined) continue;
      for (const listener of this.#listeners) listener(change);
    }
  }
}

/** Bytes that may wait for a slow page. Above that its connection is closed, and the page connects again by itself. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;

/** Answers with one line at once, then one a change, until the page goes away. */
export function liveStream(feed: LiveFeed): Handler {
  return async ({ response, signal }) => {
    response.writeHead(200, { 'content-type': JSON_LINES_TYPE });
    const send = (line: LiveLine) => {
      response.write(`${JSON.stringify(line)}\n`);
      if (response.writableLength > MAX_WAITING_BYTES) response.destroy();
    };
    const listener: Listener = (change) => send({ change });
    send({ snapshot: feed.listen(listener) });
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    feed.unlisten(listener);
    response.end();
  };
}
