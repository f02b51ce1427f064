import { fullJitter } from '../../shared/retry.ts';
import { RecordNotStoredError, RecordRefusedError } from '../errors.ts';
import type { LedgerRecord } from '../record.ts';
import { toKeyText } from '../record-key.ts';
import type { SendPuts } from './batch-write.ts';
import { type Answer, type PendingPut, toAnswer, toHalves, toPendingPut, WriterQueue } from './put-queue.ts';

/** Calls in flight at once. More gain nothing: eight keep one processor busy. */
const CALLS_IN_FLIGHT = 8;
/** Milliseconds kept back for what comes after the records: quarantine, metrics, the answer. */
const LONGEST_RESERVE = 2_000;
/** The part of a short invocation that is kept back instead. */
const RESERVED_SHARE = 0.2;

/**
 * DynamoDB's errors for a call in which one bad item spoils all. Source: API reference of BatchWriteItem ("the entire batch
 * write operation is rejected").
 */
const SPOILT_CALL = new Set(['ValidationException', 'SerializationException']);

export interface LedgerWriterOptions {
  readonly send: SendPuts;
  /** Milliseconds until the invocation is killed. */
  readonly remainingMilliseconds: () => number;
  /** Numbers in [0, 1), for the waits between tries. */
  readonly random: () => number;
}

export interface WriterStats {
  /** BatchWriteItem calls, without the SDK's own retries of a call. */
  readonly calls: number;
  /** Puts that DynamoDB returned unprocessed and that were sent again. */
  readonly unprocessedRetries: number;
  /** Puts of a key that this writer had already been given. */
  readonly duplicatesCollapsed: number;
}

/** Writes records to the ledger for the length of one invocation. */
export interface LedgerWriter {
  /**
   * Resolves when the record is stored. Puts of one turn of the event loop share calls, and settle each on its own. A second
   * put of a key is not sent: it settles with the first.
   *
   * @returns Whether the put was the first of its key.
   * @throws {RecordNotStoredError} when the record was not stored and a later try can store it.
   * @throws {RecordRefusedError} when no retry can store it.
   */
  put(record: LedgerRecord): Promise<boolean>;
  readonly stats: WriterStats;
}

/** Opens the writer of one invocation. It needs no closing: it holds a timer only while puts are unsettled. */
export function openLedgerWriter(options: LedgerWriterOptions): LedgerWriter {
  return new CoalescingWriter(options);
}

class CoalescingWriter implements LedgerWriter {
  readonly #options: LedgerWriterOptions;
  readonly #reserve: number;
  readonly #queue = new WriterQueue();
  /** Every put of this invocation, settled or not, by its key. */
  readonly #puts = new Map<string, PendingPut>();
  readonly #unsettled = new Set<PendingPut>();
  readonly #outOfTime = new AbortController();
  readonly #stats = { calls: 0, unprocessedRetries: 0, duplicatesCollapsed: 0 };
  #inFlight = 0;
  #sending: NodeJS.Immediate | undefined;
  #deadline: NodeJS.Timeout | undefined;
  #backoff: NodeJS.Timeout | undefined;
  // Stryker disable next-line BooleanLiteral: the first turn would release none, and set it to this.
  #leftoversAreDue = false;

  constructor(options: LedgerWriterOptions) {
    this.#options = options;
    this.#reserve = Math.min(LONGEST_RESERVE, options.remainingMilliseconds() * RESERVED_SHARE);
  }

  get stats(): WriterStats {
    return { ...this.#stats };
  }

  put(record: LedgerRecord): Promise<boolean> {
    const keyText = toKeyText(record);
    const known = this.#puts.get(keyText);
    if (known !== undefined) {
      this.#stats.duplicatesCollapsed += 1;
      return known.outcome.then(() => false);
    }
    const put = toPendingPut(record, keyText);
    this.#puts.set(keyText, put);
    if (this.#outOfTime.signal.aborted) put.failed(outOfTime());
    else this.#accept(put);
    return put.outcome;
  }

  /** Sends at the end of the turn, when every record handler has handed in its puts, so that calls go out full. */
  #accept(put: PendingPut): void {
    this.#unsettled.add(put);
    this.#queue.add(put);
    this.#deadline ??= setTimeout(() => this.#expire(), this.#timeLeft());
    this.#sending ??= setImmediate(() => {
      this.#sending = undefined;
      this.#sendWhatMayGo();
    });
  }

  /** Nothing goes out after the end, whatever is answered then. */
  #sendWhatMayGo(): void {
    if (this.#outOfTime.signal.aborted) return;
    if (this.#leftoversAreDue && (this.#inFlight === 0 || this.#queue.hasFullCallOfLeftovers)) {
      this.#leftoversAreDue = false;
      this.#queue.releaseLeftovers();
    }
    while (this.#inFlight < CALLS_IN_FLIGHT) {
      const call = this.#queue.takeCall();
      if (call === undefined) break;
      void this.#send(call);
    }
    if (this.#queue.leftovers > 0 && !this.#leftoversAreDue) this.#backOff();
  }

  async #send(call: readonly PendingPut[]): Promise<void> {
    this.#inFlight += 1;
    this.#stats.calls += 1;
    this.#stats.unprocessedRetries += call.filter((put) => put.refusals > 0).length;
    const records = call.map((put) => put.record);
    try {
      this.#take(toAnswer(call, await this.#options.send(records, this.#outOfTime.signal)));
    } catch (error) {
      this.#takeFailure(call, error);
    }
    this.#inFlight -= 1;
    this.#sendWhatMayGo();
  }

  #take({ stored, unprocessed }: Answer): void {
    for (const put of stored) this.#settle(put, put.stored);
    for (const put of unprocessed) {
      put.refusals += 1;
      this.#queue.addLeftover(put);
    }
  }

  #takeFailure(call: readonly PendingPut[], error: unknown): void {
    const isSpoilt = error instanceof Error && SPOILT_CALL.has(error.name);
    if (isSpoilt && call.length > 1) {
      for (const half of toHalves(call)) this.#queue.addSuspects(half);
      return;
    }
    for (const put of call) this.#settle(put, () => put.failed(isSpoilt ? refused(error) : callFailed(error)));
  }

  /** Leftovers wait before they are sent again; when the wait would outlast the invocation, they fail at once. */
  #backOff(): void {
    if (this.#backoff !== undefined) return;
    const wait = fullJitter(this.#queue.mostRefusals, this.#options);
    // Stryker disable next-line EqualityOperator: a wait to the very end is overtaken by the deadline, which was set before it.
    if (wait >= this.#timeLeft()) {
      for (const put of this.#queue.takeLeftovers()) this.#settle(put, () => put.failed(outOfTime()));
      return;
    }
    this.#backoff = setTimeout(() => {
      this.#backoff = undefined;
      this.#leftoversAreDue = true;
      this.#sendWhatMayGo();
    }, wait);
  }

  #settle(put: PendingPut, settle: () => void): void {
    settle();
    this.#unsettled.delete(put);
    if (this.#unsettled.size > 0) return;
    clearTimeout(this.#deadline);
    this.#deadline = undefined;
  }

  #expire(): void {
    this.#outOfTime.abort();
    // Stryker disable next-line all: no wait is begun that reaches the end; timers and clock need not agree to the millisecond.
    clearTimeout(this.#backoff);
    for (const put of this.#unsettled) this.#settle(put, () => put.failed(outOfTime()));
  }

  #timeLeft(): number {
    return this.#options.remainingMilliseconds() - this.#reserve;
  }
}

function callFailed(error: unknown): RecordNotStoredError {
  const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const message = `Expected DynamoDB to take the record; the whole call failed with ${why}. The message will come back.`;
  return new RecordNotStoredError('call-failed', message, { cause: error });
}

function refused(error: Error): RecordRefusedError {
  return new RecordRefusedError(`Expected DynamoDB to take the record; it answered ${error.name}: ${error.message}`, {
    cause: error,
  });
}

function outOfTime(): RecordNotStoredError {
  const message = 'Expected the record to be stored within the invocation; its time is up. The message will come back.';
  return new RecordNotStoredError('out-of-time', message);
}
