import { LIMITS } from '../../contract/limits.ts';
import { type Clock, systemClock } from '../../shared/clock.ts';
import { sleepUnlessAborted } from '../../shared/concurrency.ts';
import { SECOND_MS } from '../../shared/time.ts';
import { matchesEventPattern } from '../events/event-pattern.ts';
import type { InvokableFunction } from '../lambda/local-function.ts';
import type { StreamRecord } from '../servers/table-stream.ts';
import type { StreamMappingResource } from '../template/resources.ts';
import { EMPTY_EVENT_BYTES } from './batch.ts';
import { Backoff, type BatchReport, invokeWithBatch, orReport } from './invocation.ts';
import { type GivenUp, onFailureBody } from './stream-failure.ts';

export interface StreamSourceOptions {
  readonly mapping: Omit<StreamMappingResource, 'logicalId' | 'functionName' | 'enabled' | 'onFailureQueueArn'>;
  readonly fn: InvokableFunction;
  readonly functionArn: string;
  /** Sends to the mapping's on-failure queue. @default records that are given up are lost */
  readonly sendFailure?: ((body: string) => Promise<void>) | undefined;
  /** Called when an invocation is over. */
  readonly onBatch?: ((report: BatchReport) => void) | undefined;
  /** Called when the function cannot be invoked at all, or the on-failure queue takes nothing. */
  readonly onError?: ((error: Error) => void) | undefined;
  /** @default systemClock */
  readonly clock?: Clock;
}

/** A record that matches the mapping's filters. */
interface HeldRecord {
  /** Its sequence number. */
  readonly id: string;
  /** Epoch milliseconds at which it came. */
  readonly at: number;
  /** As JSON text. */
  readonly json: string;
}

/** Records of one shard that are invoked together, in order. */
interface StreamBatch {
  readonly records: readonly HeldRecord[];
  /** Failed invocations of exactly these records. */
  readonly failures: number;
}

/**
 * Reads a table's stream and invokes a function with batches, as a Lambda event source mapping does. All records are in
 * one shard: a batch that fails holds up those behind it until it succeeds or is given up.
 *
 * Source: Lambda developer guide, "Using AWS Lambda with Amazon DynamoDB": error handling, partial batch responses.
 */
export class StreamSource {
  readonly #options: StreamSourceOptions;
  readonly #clock: Clock;
  readonly #waiting: HeldRecord[] = [];
  readonly #closing = new AbortController();
  readonly #backoff: Backoff;
  readonly #reading: Promise<void>;
  #wake = Promise.withResolvers<void>();
  #idle = Promise.withResolvers<void>();
  #isIdle = true;

  constructor(options: StreamSourceOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#backoff = new Backoff(this.#clock);
    this.#idle.resolve();
    this.#reading = this.#read();
  }

  /** Takes a record of the stream; one that matches no filter is skipped. */
  take(record: StreamRecord): void {
    const { filters } = this.#options.mapping;
    if (filters.length > 0 && !filters.some((filter) => matchesEventPattern(filter, record))) return;
    if (this.#isIdle) this.#idle = Promise.withResolvers();
    this.#isIdle = false;
    const { SequenceNumber: id } = record.dynamodb;
    this.#waiting.push({ id, at: this.#clock.now(), json: JSON.stringify(record) });
    this.#wake.resolve();
  }

  /** Settles when every record so far has been taken by the function, or given up. */
  async drained(): Promise<void> {
    await this.#idle.promise;
  }

  /** Waits for the running invocation; the other records are lost. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#wake.resolve();
    await this.#reading;
    this.#idle.resolve();
  }

  async #read(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      if (this.#waiting.length === 0) {
        this.#isIdle = true;
        this.#idle.resolve();
        this.#wake = Promise.withResolvers();
        await this.#wake.promise;
        continue;
      }
      const { batchSize, batchWindowSeconds } = this.#options.mapping;
      if (this.#waiting.length < batchSize && batchWindowSeconds > 0) {
        await sleepUnlessAborted(batchWindowSeconds * SECOND_MS, this.#clock, this.#closing.signal);
      }
      await this.#settle(this.#nextBatch());
    }
  }

  /** At most a batch, and at most what an invocation takes. */
  #nextBatch(): HeldRecord[] {
    const { batchSize } = this.#options.mapping;
    let bytes = EMPTY_EVENT_BYTES;
    let count = 0;
    for (const { json } of this.#waiting.slice(0, batchSize)) {
      bytes += Buffer.byteLength(json) + ','.length;
      if (bytes > LIMITS.lambda.payloadBytes && count > 0) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  /** Invokes the function until these records have succeeded or been given up, in parts where the mapping says so. */
  async #settle(records: readonly HeldRecord[]): Promise<void> {
    const batches: StreamBatch[] = [{ records, failures: 0 }];
    for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
      await this.#backoff.wait(this.#closing.signal);
      if (this.#closing.signal.aborted) return;
      batches.unshift(...(await this.#attempt(batch)));
    }
  }

  /** @returns what is to be invoked again. */
  async #attempt(batch: StreamBatch): Promise<readonly StreamBatch[]> {
    const inTime = await this.#withoutOld(batch);
    if (inTime.records.length === 0) return [];
    const { error, requestId, left } = await this.#invoke(inTime.records);
    this.#backoff.note(left.length > 0);
    if (left.length === 0) return [];
    const failures = left.length < inTime.records.length ? 1 : inTime.failures + 1;
    const { maximumRetryAttempts, bisectsOnError } = this.#options.mapping;
    // A batch that is split starts anew: splitting is no retry.
    if (error !== undefined && bisectsOnError && left.length > 1) return halves(left);
    const isExhausted = maximumRetryAttempts >= 0 && failures > maximumRetryAttempts;
    if (!isExhausted) return [{ records: left, failures }];
    await this.#giveUp({ records: left, condition: 'RetryAttemptsExhausted', invocations: failures, requestId });
    return [];
  }

  /** Without the records that are older than the mapping allows, which are given up. */
  async #withoutOld({ records, failures }: StreamBatch): Promise<StreamBatch> {
    const { maximumRecordAgeSeconds } = this.#options.mapping;
    if (maximumRecordAgeSeconds < 0) return { records, failures };
    const oldest = this.#clock.now() - maximumRecordAgeSeconds * SECOND_MS;
    const old = records.filter(({ at }) => at < oldest);
    if (old.length > 0) await this.#giveUp({ records: old, condition: 'RecordAgeExceeded', invocations: failures });
    return { records: records.filter(({ at }) => at >= oldest), failures };
  }

  /** What is left to do after it: the records from the first that failed. */
  async #invoke(records: readonly HeldRecord[]) {
    const startedAt = this.#clock.monotonic();
    const { failed, error, requestId } = await invokeWithBatch(this.#options, records);
    const first = records.findIndex(({ id }) => failed.has(id));
    const left = first < 0 ? [] : records.slice(first);
    this.#options.onBatch?.({
      size: records.length,
      failures: left.length,
      durationMs: this.#clock.monotonic() - startedAt,
      ...(requestId !== undefined && { requestId }),
      ...(error !== undefined && { error }),
    });
    return { error, requestId, left };
  }

  async #giveUp(givenUp: Omit<GivenUp, 'functionArn' | 'streamArn' | 'at'>): Promise<void> {
    const { sendFailure, functionArn, mapping, onError } = this.#options;
    const { streamArn } = mapping;
    const body = onFailureBody({ ...givenUp, functionArn, streamArn, at: this.#clock.now() });
    if (sendFailure !== undefined) await orReport(sendFailure(body), onError);
  }
}

function halves(records: readonly HeldRecord[]): StreamBatch[] {
  const middle = Math.ceil(records.length / 2);
  return [records.slice(0, middle), records.slice(middle)].map((half) => ({ records: half, failures: 0 }));
}
