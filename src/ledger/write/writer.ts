import type { Clock } from '../../shared/clock.ts';
import { fullJitter } from '../../shared/retry.ts';
import type { OtherItem } from '../item.ts';
import type { LedgerRecord } from '../record.ts';
import { toKeyText } from '../record-key.ts';
import type { SendPuts } from './batch-write.ts';
import { callFailed, notStoredInTime, REFUSED_CALL, refused, THROTTLED_CALL } from './put-errors.ts';
import { type PendingPut, PutQueue, splitByAnswer, toPendingPut } from './put-queue.ts';
import { TableBreaker } from './table-breaker.ts';

/** Calls in flight at once. More gain nothing: eight keep one processor busy. */
const MAX_CALLS_IN_FLIGHT = 8;
/** Milliseconds kept back for what comes after the records: quarantine, metrics, the answer. */
const MAX_RESERVE_MS = 2_000;
/** The part of a short invocation that is kept back instead. */
const RESERVED_SHARE = 0.2;

/**
 * Milliseconds of the longest wait before puts that were refused once are sent again; it doubles with each refusal.
 * Little: a partition that has refused some puts of a call can mostly take them a moment later.
 */
const FIRST_WAIT_MS = 5;
/** Milliseconds for the one call that finds out whether the table works again: as long as the client waits once. */
const PROBE_MS = 3_000;

/**
 * Makes the item that rides with the records of an invocation: it is stored in the same calls, and shares their
 * retries.
 *
 * @param records What the first calls carry.
 * @param isStored Resolves when it is known whether the table has taken the item; never rejects.
 * @returns undefined: nothing rides.
 */
export type MakeRidingItem = (records: readonly LedgerRecord[], isStored: Promise<boolean>) => OtherItem | undefined;

export interface LedgerWriterOptions {
  readonly send: SendPuts;
  readonly clock: Pick<Clock, 'after' | 'random' | 'timeout'>;
  /** Milliseconds until the invocation is killed. */
  readonly remainingMilliseconds: () => number;
  /** Of the execution environment. @default nothing is known about the table */
  readonly breaker?: TableBreaker;
  /** Called once, before the first call is sent. @default records alone */
  readonly makeRidingItem?: MakeRidingItem | undefined;
}

export interface WriterStats {
  /** BatchWriteItem calls, without the SDK's own retries of a call. */
  readonly calls: number;
  /** Puts that DynamoDB returned unprocessed, or throttled with their whole call, and that were sent again. */
  readonly unprocessedRetries: number;
  /** Puts of a key that this writer had already been given. */
  readonly duplicatesCollapsed: number;
}

/**
 * Writes records to the ledger for the length of one invocation. Puts of one turn of the event loop share calls; each
 * record settles alone:
 *
 * | DynamoDB says | the record | the message |
 * | --- | --- | --- |
 * | stored | is stored | is deleted |
 * | unprocessed | is sent again after a wait with full jitter, as often as there is time | waits for it |
 * | whole call throttled | is sent again likewise | waits for it |
 * | whole call failed or unanswered, at all attempts of the SDK | `call-failed` | comes back |
 * | the breaker is open and the probe fails | `call-failed`, as do all that were never sent | comes back |
 * | one item is invalid | call is halved until that item is alone: `refused-by-dynamodb` | is quarantined |
 * | nothing until 2 s before the end of the invocation (a fifth of a short one) | `out-of-time` | comes back |
 *
 * The other records of a call with an invalid item are stored. A message that comes back writes its records again, as
 * equal items. The writer needs no closing: it holds a timer only while puts are unsettled.
 */
export class LedgerWriter {
  readonly #options: LedgerWriterOptions;
  readonly #breaker: TableBreaker;
  readonly #reserveMs: number;
  readonly #queue = new PutQueue();
  /** Every put of this invocation, settled or not, by its key. */
  readonly #puts = new Map<string, PendingPut<LedgerRecord>>();
  readonly #unsettled = new Set<PendingPut>();
  readonly #outOfTime = new AbortController();
  readonly #stats = { calls: 0, unprocessedRetries: 0, duplicatesCollapsed: 0 };
  #inFlight = 0;
  /** Whether the table has answered any call of this invocation. */
  #hasAnswered = false;
  #sending: NodeJS.Immediate | undefined;
  #cancelDeadline: (() => void) | undefined;
  /** Of the leftovers: they are released when the wait is over and room for them is certain. */
  #backoff: 'waiting' | 'over' | undefined;

  constructor(options: LedgerWriterOptions) {
    this.#options = options;
    this.#breaker = options.breaker ?? new TableBreaker();
    this.#reserveMs = reserveOf(options.remainingMilliseconds());
  }

  get stats(): WriterStats {
    return { ...this.#stats };
  }

  /**
   * Resolves when the record is stored. A second put of a key is not sent: it settles with the first.
   *
   * @returns Whether the put was the first of its key.
   * @throws {RecordNotStoredError} when the record was not stored and a later try can store it.
   * @throws {RecordRefusedError} when no retry can store it.
   */
  put(record: LedgerRecord): Promise<boolean> {
    const keyText = toKeyText(record);
    const known = this.#puts.get(keyText);
    if (known !== undefined) {
      this.#stats.duplicatesCollapsed += 1;
      return known.outcome.then(() => false);
    }
    const put = toPendingPut(record, keyText);
    this.#puts.set(keyText, put);
    if (this.#outOfTime.signal.aborted) put.reject(notStoredInTime());
    else this.#accept(put);
    return put.outcome;
  }

  /** What becomes of a put of this record's key that this writer was given before; undefined without one. */
  outcomeOf(record: LedgerRecord): Promise<unknown> | undefined {
    return this.#puts.get(toKeyText(record))?.outcome;
  }

  /** Sends at the end of the turn, when every message handler has handed in its puts, so that calls are full. */
  #accept(put: PendingPut): void {
    this.#unsettled.add(put);
    this.#queue.add(put);
    this.#cancelDeadline ??= this.#options.clock.after(this.#timeLeft(), () => this.#expire());
    this.#sending ??= setImmediate(() => {
      this.#sending = undefined;
      this.#addRidingItem();
      this.#sendCalls();
    });
  }

  /** In the last of the first calls: until that is sent, an invocation that dies has counted nothing. */
  #addRidingItem(): void {
    const { makeRidingItem } = this.#options;
    if (makeRidingItem === undefined || this.#stats.calls > 0 || this.#outOfTime.signal.aborted) return;
    const { promise: isStored, resolve } = Promise.withResolvers<boolean>();
    const records = Array.from(this.#puts.values(), ({ item }) => item);
    const item = makeRidingItem(records, isStored);
    if (item === undefined) return;
    const put = toPendingPut(item, toKeyText(item));
    put.outcome.then(resolve, () => resolve(false));
    this.#unsettled.add(put);
    this.#queue.add(put);
  }

  /** Sends what may be sent now. Nothing is sent after the end, whatever is answered then. */
  #sendCalls(): void {
    if (this.#outOfTime.signal.aborted) return;
    if (this.#backoff === 'over' && (this.#inFlight === 0 || this.#queue.hasFullCallOfLeftovers)) {
      this.#backoff = undefined;
      this.#queue.releaseLeftovers();
    }
    while (this.#inFlight < (this.#breaker.isOpen ? 1 : MAX_CALLS_IN_FLIGHT)) {
      const call = this.#queue.takeCall();
      if (call === undefined) break;
      void this.#send(call);
    }
    if (this.#queue.leftovers > 0 && this.#backoff === undefined) this.#backOff();
  }

  async #send(call: readonly PendingPut[]): Promise<void> {
    this.#inFlight += 1;
    this.#stats.calls += 1;
    this.#stats.unprocessedRetries += call.filter((put) => put.timesUnprocessed > 0).length;
    const isProbe = this.#breaker.isOpen;
    const items = call.map((put) => put.item);
    try {
      this.#takeAnswer(call, await this.#options.send(items, this.#signalFor(isProbe)));
      this.#takeSignOfLife();
    } catch (error) {
      this.#takeFailure(call, error, isProbe);
    }
    this.#inFlight -= 1;
    this.#sendCalls();
  }

  #signalFor(isProbe: boolean): AbortSignal {
    const { signal } = this.#outOfTime;
    return isProbe ? AbortSignal.any([signal, this.#options.clock.timeout(PROBE_MS)]) : signal;
  }

  #takeAnswer(call: readonly PendingPut[], answer: Awaited<ReturnType<SendPuts>>): void {
    const { stored, unprocessed } = splitByAnswer(call, answer);
    for (const put of stored) this.#settle(put, () => put.resolve(true));
    this.#sendLater(unprocessed);
  }

  #sendLater(puts: readonly PendingPut[], error?: unknown): void {
    for (const put of puts) {
      put.timesUnprocessed += 1;
      put.throttledBy = error;
      this.#queue.addLeftover(put);
    }
  }

  #takeFailure(call: readonly PendingPut[], error: unknown, isProbe: boolean): void {
    const name = error instanceof Error ? error.name : '';
    const isRefused = REFUSED_CALL.has(name);
    const isThrottled = THROTTLED_CALL.has(name);
    if (isRefused || isThrottled) this.#takeSignOfLife();
    if (isThrottled) this.#sendLater(call, error);
    else if (isRefused && call.length > 1) this.#queue.addHalves(call);
    else if (isRefused) this.#rejectAll(call, refused(error as Error));
    else this.#takeOutage(call, error, isProbe);
  }

  /** Whatever the table answers: it has read the call. */
  #takeSignOfLife(): void {
    this.#hasAnswered = true;
    this.#breaker.close();
  }

  /** When it was the probe, puts that were never sent fail with it: each would wait as long for the same answer. */
  #takeOutage(call: readonly PendingPut[], error: unknown, isProbe: boolean): void {
    // A call that was given up at the end of the invocation may have begun just before.
    if (!this.#outOfTime.signal.aborted) this.#breaker.open();
    this.#rejectAll(isProbe ? [...call, ...this.#queue.takeUnsent()] : call, callFailed(error));
  }

  /** Leftovers wait before they are sent again; when the wait would outlast the invocation, they fail at once. */
  #backOff(): void {
    const wait = fullJitter(this.#queue.maxTimesUnprocessed, this.#options.clock, FIRST_WAIT_MS);
    if (wait >= this.#timeLeft()) {
      for (const put of this.#queue.takeLeftovers())
        this.#settle(put, () => put.reject(notStoredInTime(put.throttledBy)));
      return;
    }
    this.#backoff = 'waiting';
    this.#options.clock.after(wait, () => {
      this.#backoff = 'over';
      this.#sendCalls();
    });
  }

  #rejectAll(puts: Iterable<PendingPut>, error: Error): void {
    for (const put of puts) this.#settle(put, () => put.reject(error));
  }

  #settle(put: PendingPut, settle: () => void): void {
    settle();
    this.#unsettled.delete(put);
    if (this.#unsettled.size > 0) return;
    this.#cancelDeadline?.();
    this.#cancelDeadline = undefined;
  }

  #expire(): void {
    if (this.#inFlight > 0 && !this.#hasAnswered) this.#breaker.open();
    this.#outOfTime.abort();
    for (const put of this.#unsettled) this.#settle(put, () => put.reject(notStoredInTime(put.throttledBy)));
  }

  #timeLeft(): number {
    return this.#options.remainingMilliseconds() - this.#reserveMs;
  }
}

/** Milliseconds that are kept back in an invocation with so many left. */
export function reserveOf(remainingMilliseconds: number): number {
  return Math.min(MAX_RESERVE_MS, remainingMilliseconds * RESERVED_SHARE);
}
