import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { announcedPatterns, PUBLISHER_MAPPING } from '../../../infra/events/publisher-mapping.ts';
import { LIMITS } from '../../../src/contract/limits.ts';
import { StreamHandler } from '../../../src/publisher/handle-stream.ts';
import { HOUR_MS, SECOND_MS } from '../../../src/shared/time.ts';
import type { Deployment } from './plans/deployment.ts';
import type { Change } from './services/dynamodb/table-store.ts';
import { SimulatedStream, type StreamRecord } from './services/dynamodb/table-stream.ts';
import type { Invocation, InvocationFault } from './services/invocation.ts';
import type { Life } from './services/process-life.ts';
import { type BusFault, SimulatedEventBridge } from './services/simulated-eventbridge.ts';
import { SimulatedQueue } from './services/simulated-sqs.ts';
import { SimulatedStreamMapping, type StreamEnvironment } from './services/stream-mapping.ts';
import type { VirtualClock } from './services/virtual-clock.ts';

export interface PublishingOptions {
  readonly clock: VirtualClock;
  readonly deployment: Deployment;
  readonly busFault: () => BusFault | undefined;
  readonly invocationFault: () => InvocationFault | undefined;
  /** Called with what the function throws by itself. */
  readonly onCrash: (error: unknown) => void;
}

export const TABLE_ARN = 'arn:aws:dynamodb:eu-west-1:111122223333:table/ledger';

/** What the stack has with `recordedEventsBus`: the table's stream, the publisher behind it with its queue of failures, and the bus. */
export class Publishing {
  readonly bus: SimulatedEventBridge;
  readonly failures: SimulatedQueue;
  readonly mapping: SimulatedStreamMapping;
  /** Every item that was new. */
  readonly inserted: StreamRecord[] = [];
  readonly #stream: SimulatedStream;

  constructor({ clock, deployment, busFault, invocationFault, onCrash }: PublishingOptions) {
    const { timeoutSeconds, maxRecordAgeHours, batchSize, bisectBatchOnError } = PUBLISHER_MAPPING;
    const { announceBackfill: backfill, hasDigests = true, alerts } = deployment;
    this.bus = new SimulatedEventBridge({ clock, fault: busFault });
    const retentionMs = LIMITS.sqs.retentionSeconds * SECOND_MS;
    this.failures = new SimulatedQueue('publisher-failures', { clock, visibilityMs: 30 * SECOND_MS, retentionMs });
    this.#stream = new SimulatedStream(clock);
    this.mapping = new SimulatedStreamMapping({
      clock,
      stream: this.#stream,
      filters: announcedPatterns({ email: hasDigests || alerts.length > 0, backfill }) as Record<string, unknown>[],
      batchSize,
      bisectBatchOnError,
      maxRecordAgeMs: maxRecordAgeHours * HOUR_MS,
      timeoutMs: timeoutSeconds * SECOND_MS,
      failures: this.failures,
      createEnvironment: () => new PublisherEnvironment(this.bus, clock, onCrash),
      fault: invocationFault,
    });
  }

  take(change: Change): void {
    const record = this.#stream.append(change);
    if (record.kind === 'INSERT') this.inserted.push(record);
  }
}

/** The function's own code, as `publisher.lambda.ts` puts it together, over the simulated bus. */
class PublisherEnvironment implements StreamEnvironment {
  readonly #handler: StreamHandler;
  readonly #onCrash: PublishingOptions['onCrash'];
  #life: Life | undefined;

  constructor(bus: SimulatedEventBridge, clock: VirtualClock, onCrash: PublishingOptions['onCrash']) {
    this.#onCrash = onCrash;
    this.#handler = new StreamHandler({
      target: { eventBus: 'default', tableArn: TABLE_ARN },
      putEvents: (entries, signal) => {
        const put = () => bus.put(entries, signal);
        return this.#life === undefined ? put() : this.#life.call(put);
      },
      clock,
      log: () => undefined,
    });
  }

  async handle(
    event: DynamoDBStreamEvent,
    { life, remainingMilliseconds }: Invocation,
  ): Promise<DynamoDBBatchResponse> {
    this.#life = life;
    try {
      return await this.#handler.handle(event, remainingMilliseconds());
    } catch (error) {
      this.#onCrash(error);
      throw error;
    }
  }
}
