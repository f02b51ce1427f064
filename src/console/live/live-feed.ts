import { setTimeout as wait } from 'node:timers/promises';
import { type QueueRef, queueState } from '../../dead-letters/queues.ts';
import type { ChangeView, QueuesView, SnapshotView } from '../api-types.ts';
import type { Handler } from '../server/answer.ts';
import { FollowUploads, type FollowUploadsOptions } from './follow-uploads.ts';
import { LiveState } from './live-state.ts';

export interface WatchedQueues {
  readonly uploads: QueueRef;
  readonly deadLetters: QueueRef;
}

/** Looks at the queues once. `now` in epoch milliseconds. */
export type LookAtQueues = (now: number) => Promise<QueuesView>;

/**
 * Looks at the queues by their attributes alone: nothing is received.
 *
 * SQS tells the age of the oldest message to CloudWatch only. The age here is the time since a look last found the queue empty,
 * which no message in it can exceed by more than the time between two looks, unless it was there before the first.
 */
export function watchQueues({ uploads, deadLetters }: WatchedQueues): LookAtQueues {
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
  readonly lookAtQueues: LookAtQueues;
  /** What is wrong, for people. */
  readonly explain: (error: unknown) => string;
  /** Milliseconds before what went wrong is tried again. @default 5000 */
  readonly afterTrouble?: number;
}

/** Told of every change, twice a second at most. */
export type Listener = (change: ChangeView) => void;

/** Milliseconds between two changes. */
const BETWEEN_CHANGES = 500;

/** Follows the ledger and the queues for as long as anybody listens, once for all of them. */
export class LiveFeed {
  readonly #options: LiveFeedOptions;
  readonly #listeners = new Set<Listener>();
  #state = new LiveState();
  #stop: AbortController | undefined;

  constructor(options: LiveFeedOptions) {
    this.#options = options;
  }

  /** Tells `listener` of all that changes after the snapshot. The feed starts with its first listener. */
  listen(listener: Listener): SnapshotView {
    this.#listeners.add(listener);
    if (this.#stop === undefined) this.#start();
    return this.#state.snapshot(this.#options.now());
  }

  /** Ends that; the feed stops with its last listener, and costs nothing then. */
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
    void this.#again('ledger', state, stop.signal, () => follow.run(stop.signal));
    void this.#again('queues', state, stop.signal, () => this.#watchQueues(state, stop.signal));
    void this.#again('changes', state, stop.signal, () => this.#tell(state, stop.signal));
  }

  /** Runs `work` until it is told to stop: what goes wrong is shown, and tried again. */
  async #again(part: string, state: LiveState, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
    while (!signal.aborted) {
      try {
        await work();
      } catch (error) {
        if (signal.aborted) return;
        state.setTrouble(part, this.#options.explain(error));
        await wait(this.#options.afterTrouble ?? 5000, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  async #watchQueues(state: LiveState, signal: AbortSignal): Promise<void> {
    const { lookAtQueues, now, betweenLooks } = this.#options;
    for (;;) {
      state.setQueues(await lookAtQueues(now()));
      state.setTrouble('queues', undefined);
      await wait(2 * betweenLooks, undefined, { signal });
    }
  }

  async #tell(state: LiveState, signal: AbortSignal): Promise<void> {
    for (;;) {
      await wait(BETWEEN_CHANGES, undefined, { signal });
      const change = state.takeChange(this.#options.now());
      if (change === undefined) continue;
      for (const listener of this.#listeners) listener(change);
    }
  }
}

/** Bytes that may wait for a page that reads too slowly; then its connection ends, and it begins anew by itself. */
const MOST_WAITING = 8 * 1024 * 1024;

/** Answers with server-sent events: `snapshot` once, then `change`, until the page goes away. */
export function liveStream(feed: LiveFeed): Handler {
  return async ({ response, signal }) => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    const send = (event: string, value: unknown) => {
      // JSON holds no line break of its own, so one `data:` line is enough.
      response.write(`event: ${event}\ndata: ${JSON.stringify(value)}\n\n`);
      if (response.writableLength > MOST_WAITING) response.destroy();
    };
    const listener: Listener = (change) => send('change', change);
    send('snapshot', feed.listen(listener));
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    feed.unlisten(listener);
    response.end();
  };
}
