import { StreamSource } from '../../../../src/local/poller/stream-source.ts';
import type { StreamRecord } from '../../../../src/local/servers/table-stream.ts';
import { HOUR_MS, SECOND_MS } from '../../../../src/shared/time.ts';
import { StoredItem } from '../services/dynamodb/stored-item.ts';
import { SimulatedStream, toLambdaRecord } from '../services/dynamodb/table-stream.ts';
import { SimulatedQueue } from '../services/simulated-sqs.ts';
import { SimulatedStreamMapping } from '../services/stream-mapping.ts';
import { VirtualClock } from '../services/virtual-clock.ts';

/** Answers the numbers of a batch with those that failed, or with what is thrown. */
export type Handle = (numbers: readonly number[], invocation: number) => readonly number[] | Error;

/** A mapping that divides batches of four, and what it did. */
export interface MappingSubject {
  readonly clock: VirtualClock;
  readonly batches: readonly (readonly number[])[];
  readonly failures: readonly Failure[];
  /** Puts items of one key into the stream; no filter matches negative numbers. */
  put(...numbers: readonly number[]): void;
  close(): Promise<void>;
}

/** What the queue of failures has. */
interface Failure {
  readonly condition: string;
  /** The first and the last that were given up, and how many. */
  readonly numbers: readonly [first: number, last: number, count: number];
  /** Of the first, when it was given up. */
  readonly ageMs: number;
}

export const MAX_AGE_MS = 2 * HOUR_MS;

const BATCH_SIZE = 4;
const FILTERS = [{ eventName: ['INSERT'], dynamodb: { NewImage: { number: { N: [{ exists: true }] } } } }];

/** A stream on a clock of its own, and who reads it. */
class Fixture {
  readonly clock = new VirtualClock(Date.parse('2026-03-01T00:00:00Z'), 1);
  readonly stream = new SimulatedStream(this.clock);
  readonly batches: (readonly number[])[] = [];
  readonly failures: Failure[] = [];
  readonly #handle: Handle;
  readonly #numbers = new Map<string, number>();

  constructor(handle: Handle) {
    this.#handle = handle;
  }

  append(number: number): { readonly json: ReturnType<typeof toLambdaRecord> } {
    const shown: Record<string, { N: string }> = number < 0 ? {} : { number: { N: String(number) } };
    const item = { s3_object: { S: 'bucket/key' }, upload_id: { S: String(number) }, ...shown };
    const record = this.stream.append({ kind: 'INSERT', stored: new StoredItem(item, 0, 0) });
    this.#numbers.set(record.sequenceNumber, number);
    return { json: toLambdaRecord(record, this.stream.arn) };
  }

  /** The function. @throws what the handle returns as an Error. */
  invoke(records: readonly { readonly dynamodb?: { readonly SequenceNumber?: string | undefined } | undefined }[]) {
    const numbers = records.map(({ dynamodb }) => this.#numberOf(dynamodb?.SequenceNumber));
    this.batches.push(numbers);
    const failed = this.#handle(numbers, this.batches.length);
    if (failed instanceof Error) throw failed;
    const ids = new Map([...this.#numbers].map(([id, number]) => [number, id]));
    return { batchItemFailures: failed.map((number) => ({ itemIdentifier: ids.get(number) ?? 'unknown' })) };
  }

  addFailure(body: string): void {
    const { requestContext, timestamp, DDBStreamBatchInfo: named } = JSON.parse(body);
    const { startSequenceNumber, endSequenceNumber, batchSize, approximateArrivalOfFirstRecord } = named;
    this.failures.push({
      condition: requestContext.condition,
      numbers: [this.#numberOf(startSequenceNumber), this.#numberOf(endSequenceNumber), batchSize],
      ageMs: Date.parse(timestamp) - Date.parse(approximateArrivalOfFirstRecord),
    });
  }

  #numberOf(sequenceNumber = ''): number {
    return this.#numbers.get(sequenceNumber) ?? Number.NaN;
  }
}

export function localMapping(handle: Handle): MappingSubject {
  const fixture = new Fixture(handle);
  const { clock, stream, batches, failures } = fixture;
  let invocations = 0;
  const source = new StreamSource({
    clock,
    mapping: {
      streamArn: stream.arn,
      batchSize: BATCH_SIZE,
      batchWindowSeconds: 0,
      filters: FILTERS,
      reportsBatchItemFailures: true,
      bisectsOnError: true,
      maximumRetryAttempts: -1,
      maximumRecordAgeSeconds: MAX_AGE_MS / SECOND_MS,
    },
    fn: {
      invoke: async (payload) => {
        invocations += 1;
        const requestId = `request-${invocations}`;
        try {
          const answer = fixture.invoke(JSON.parse(payload).Records);
          return { outcome: 'response', requestId, payload: JSON.stringify(answer) };
        } catch (error) {
          return { outcome: 'error', requestId, errorType: 'Error', errorMessage: String(error) };
        }
      },
    },
    functionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:publisher',
    sendFailure: async (body) => fixture.addFailure(body),
  });
  return {
    clock,
    batches,
    failures,
    put: (...numbers) => {
      for (const number of numbers) source.take(fixture.append(number).json as StreamRecord);
    },
    close: () => source.close(),
  };
}

export function simulatedMapping(handle: Handle): MappingSubject {
  const fixture = new Fixture(handle);
  const { clock, stream, batches } = fixture;
  const queue = new SimulatedQueue('failures', { clock, visibilityMs: 30 * SECOND_MS });
  const mapping = new SimulatedStreamMapping({
    clock,
    stream,
    filters: FILTERS,
    batchSize: BATCH_SIZE,
    bisectBatchOnError: true,
    maxRecordAgeMs: MAX_AGE_MS,
    timeoutMs: 30 * SECOND_MS,
    failures: queue,
    createEnvironment: () => ({ handle: async ({ Records }) => fixture.invoke(Records) }),
    fault: () => undefined,
  });
  return {
    clock,
    batches,
    get failures() {
      return fixture.failures;
    },
    put: (...numbers) => {
      for (const number of numbers) fixture.append(number);
    },
    close: async () => {
      await mapping.stop();
      for (const { body } of queue.all()) fixture.addFailure(body);
    },
  };
}
