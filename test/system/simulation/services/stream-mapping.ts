import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { type EventPattern, matchesEventPattern } from '../../../../src/local/events/event-pattern.ts';
import { MINUTE_MS, SECOND_MS } from '../../../../src/shared/time.ts';
import { type SimulatedStream, type StreamRecord, type StreamShard, toLambdaRecord } from './dynamodb/table-stream.ts';
import { type Invocation, type InvocationFault, invoke } from './invocation.ts';
import type { SimulatedQueue } from './simulated-sqs.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** One execution environment of the function: what it remembers is gone with it. */
export interface StreamEnvironment {
  handle(event: DynamoDBStreamEvent, invocation: Invocation): Promise<DynamoDBBatchResponse>;
}

export interface StreamMappingOptions {
  readonly clock: VirtualClock;
  readonly stream: SimulatedStream;
  /** Only records that match one of them are handed over. */
  readonly filters: readonly EventPattern[];
  readonly batchSize: number;
  readonly bisectBatchOnError: boolean;
  readonly maxRecordAgeMs: number;
  readonly timeoutMs: number;
  /** Where Lambda says what it has given up. */
  readonly failures: SimulatedQueue;
  readonly createEnvironment: () => StreamEnvironment;
  readonly fault: () => InvocationFault | undefined;
}

/** Longest time until the poller sees a new record. Lambda reads each shard four times a second. */
const POLL_MS = 250;
/** Milliseconds after which an invocation that is killed has ended, at most: about as long as one takes. */
const KILLED_WITHIN_MS = 50;
/** Longest pauses after the first failure, and after many. AWS does not say how long they are. */
const FIRST_PAUSE_MS = SECOND_MS;
const MAX_PAUSE_MS = MINUTE_MS;

/**
 * Lambda's poller of a table's stream, with the function behind it: one batch of each shard at a time. Source: Lambda developer guide,
 * "Using AWS Lambda with Amazon DynamoDB": batching, error handling, partial batch responses.
 */
export class SimulatedStreamMapping {
  invocations = 0;
  /** Invocations that were killed, timed out, failed or did not load. */
  failures = 0;
  readonly #options: StreamMappingOptions;
  readonly #pollers: readonly Promise<void>[];
  /** Environments that no invocation uses. */
  readonly #idle: StreamEnvironment[] = [];
  #held = 0;
  #isStopped = false;

  constructor(options: StreamMappingOptions) {
    this.#options = options;
    this.#pollers = options.stream.shards.map((shard) => this.#poll(shard));
  }

  /** Records that are neither handled nor given up. */
  get waiting(): number {
    return this.#options.stream.shards.reduce((sum, { size }) => sum + size, this.#held);
  }

  /** Invokes nothing more; resolves when what is being handled has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const shard of this.#options.stream.shards) shard.wake();
    await Promise.all(this.#pollers);
  }

  async #poll(shard: StreamShard): Promise<void> {
    const { clock, batchSize } = this.#options;
    while (!this.#isStopped) {
      await shard.arrival();
      await clock.sleep(clock.random() * POLL_MS);
      const records = shard.read(batchSize).filter((record) => this.#isWanted(record));
      this.#held += records.length;
      await this.#settle(records);
      this.#held -= records.length;
    }
  }

  #isWanted(record: StreamRecord): boolean {
    const { filters, stream } = this.#options;
    const shown = toLambdaRecord(record, stream.arn);
    return filters.some((filter) => matchesEventPattern(filter, shown));
  }

  /** Invokes the function until these records have succeeded or been given up. */
  async #settle(records: readonly StreamRecord[]): Promise<void> {
    const { clock } = this.#options;
    const batches = [records];
    let failures = 0;
    for (let batch = batches.shift(); batch !== undefined && !this.#isStopped; batch = batches.shift()) {
      const inTime = this.#withoutOld(batch, failures);
      if (inTime.length === 0) continue;
      const left = await this.#invoke(inTime);
      batches.unshift(...left);
      failures = left.length === 0 ? 0 : failures + 1;
      if (failures > 0)
        await clock.sleep(clock.random() * Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1)));
    }
  }

  /** @returns What is to be invoked again. */
  async #invoke(records: readonly StreamRecord[]): Promise<(readonly StreamRecord[])[]> {
    const { clock, stream, timeoutMs, fault, createEnvironment, bisectBatchOnError } = this.#options;
    this.invocations += 1;
    const environment = this.#idle.pop() ?? createEnvironment();
    const event = { Records: records.map((record) => toLambdaRecord(record, stream.arn)) };
    const requestId = `publish-${this.invocations}`;
    const answer = await invoke(
      { clock, requestId, timeoutMs, killedWithinMs: KILLED_WITHIN_MS, fault: fault() },
      (invocation) => environment.handle(event, invocation),
    );
    if (answer === undefined) this.failures += 1;
    else this.#idle.push(environment);
    const first = firstFailed(answer, records);
    if (first === undefined) return bisectBatchOnError && records.length > 1 ? halves(records) : [records];
    return first < records.length ? [records.slice(first)] : [];
  }

  /** Without the records that are older than the mapping allows: these are named in the queue of failures, and given up. */
  #withoutOld(records: readonly StreamRecord[], invocations: number): readonly StreamRecord[] {
    const { clock, maxRecordAgeMs, failures, stream } = this.#options;
    const oldest = clock.now() - maxRecordAgeMs;
    const old = records.filter(({ at }) => at < oldest);
    const [first, last] = [old.at(0), old.at(-1)];
    if (first === undefined || last === undefined) return records;
    failures.send(
      JSON.stringify({
        requestContext: { condition: 'RecordAgeExceeded', approximateInvokeCount: invocations },
        version: '1.0',
        timestamp: new Date(clock.now()).toISOString(),
        DDBStreamBatchInfo: {
          shardId: first.shardId,
          startSequenceNumber: first.sequenceNumber,
          endSequenceNumber: last.sequenceNumber,
          approximateArrivalOfFirstRecord: new Date(first.at).toISOString(),
          approximateArrivalOfLastRecord: new Date(last.at).toISOString(),
          batchSize: old.length,
          streamArn: stream.arn,
        },
      }),
    );
    return records.filter(({ at }) => at >= oldest);
  }
}

/**
 * Where the first record is that the answer names; their number when it names none; undefined when there is no answer, or one that
 * Lambda does not understand.
 */
function firstFailed(answer: DynamoDBBatchResponse | undefined, records: readonly StreamRecord[]): number | undefined {
  const places = answer?.batchItemFailures.map(({ itemIdentifier }) =>
    records.findIndex(({ sequenceNumber }) => sequenceNumber === itemIdentifier),
  );
  if (places === undefined || places.includes(-1)) return undefined;
  return Math.min(records.length, ...places);
}

function halves(records: readonly StreamRecord[]): (readonly StreamRecord[])[] {
  const middle = Math.ceil(records.length / 2);
  return [records.slice(0, middle), records.slice(middle)];
}
