import type { SQSClient } from '@aws-sdk/client-sqs';
import type { EnvironmentHooks } from '../../../src/local/lambda/execution-environment.ts';
import type { FunctionSettings } from '../../../src/local/lambda/function-settings.ts';
import { type FunctionCounters, LocalFunction } from '../../../src/local/lambda/local-function.ts';
import { EventSource } from '../../../src/local/poller/event-source.ts';
import type { BatchReport } from '../../../src/local/poller/invocation.ts';
import type { LocalStack } from '../../../src/local/stack.ts';
import { pick, seededRandom } from '../../../src/shared/seeded-random.ts';
import type { Deliveries } from './deliveries.ts';
import type { Faults } from './faults/faults.ts';
import { FaultyFunction, killerOf } from './faults/faulty-function.ts';

/**
 * Seconds after which failed messages come again, instead of the queue's visibility timeout of minutes.
 */
const RETRY_AFTER = { trouble: 2, calm: 3 } as const;

/** Batches at the same time, more than the template's: in trouble most of them wait, and the run for them. */
const CONCURRENCY = 24;

export interface ConsumersOptions {
  readonly stack: LocalStack;
  /** Reads the queue. */
  readonly sqs: SQSClient;
  readonly settings: FunctionSettings;
  readonly faults: Faults;
  readonly deliveries: Deliveries;
  readonly seed: number;
  readonly onLog: EnvironmentHooks['onLog'];
  readonly onBatch: (report: BatchReport) => void;
}

/** The function and its event source, which can be stopped and started again at any time. */
export class RestartingConsumers {
  readonly #options: ConsumersOptions;
  /** Batches are of every size from small to the template's, so that calls are half empty and brimful. */
  readonly #random;
  readonly #functions: LocalFunction[] = [];
  #restarting: Promise<void> = Promise.resolve();
  #running: { readonly fn: LocalFunction; readonly faulty: FaultyFunction; readonly source: EventSource };

  constructor(options: ConsumersOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed);
    this.#running = this.#start();
  }

  /** One after the other: each waits for the batches of the source that it stops. */
  restart(): Promise<void> {
    this.#restarting = this.#restarting.then(async () => {
      await this.close();
      this.#running = this.#start();
    });
    return this.#restarting;
  }

  /** Receives nothing more, finishes what is held, and stops the function. */
  async close(): Promise<void> {
    const { fn, faulty, source } = this.#running;
    await source.close();
    await faulty.idle();
    await fn.close();
  }

  /** Sums over all that were started. */
  counters(): FunctionCounters {
    const sums = { invocations: 0, coldStarts: 0, initErrors: 0, timeouts: 0, crashes: 0, throttles: 0 };
    for (const { counters } of this.#functions) {
      for (const name of Object.keys(sums) as (keyof FunctionCounters)[]) sums[name] += counters[name];
    }
    return sums;
  }

  /** Resolves when no second batch is under way. */
  idle(): Promise<void> {
    return this.#running.faulty.idle();
  }

  #start() {
    const { stack, sqs, settings, faults, deliveries, onLog, onBatch } = this.#options;
    const { resources } = stack;
    const queue = resources.queues.find(({ url }) => url === stack.queueUrl);
    const mapping = resources.eventSourceMappings.find(({ queueArn }) => queueArn === queue?.arn);
    if (queue === undefined || mapping === undefined) throw new TypeError('Expected a mapping of the uploads queue.');
    const fn = new LocalFunction(settings, { onLog, onMoment: killerOf(faults) });
    this.#functions.push(fn);
    const faulty = new FaultyFunction(fn, faults, deliveries);
    const source = new EventSource({
      sqs,
      queue,
      region: resources.region,
      mapping: {
        ...mapping,
        batchSize: pick(this.#random, [5, 10, 25, 30, 60, mapping.batchSize]),
        batchWindowSeconds: pick(this.#random, [0, 1, 1]),
        maximumConcurrency: CONCURRENCY,
      },
      fn: faulty,
      get retryAfterSeconds() {
        return RETRY_AFTER[faults.isCalm ? 'calm' : 'trouble'];
      },
      onBatch,
    });
    return { fn, faulty, source };
  }
}
