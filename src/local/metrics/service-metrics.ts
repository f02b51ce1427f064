import type { Clock } from '../../shared/clock.ts';
import { sleepUnlessAborted } from '../../shared/concurrency.ts';
import { toError } from '../../shared/errors.ts';
import { SECOND_MS } from '../../shared/time.ts';
import type { InvokableFunction } from '../lambda/local-function.ts';
import type { ServiceServer } from '../servers/service-server.ts';
import type { TableServer } from '../servers/table-server.ts';
import type { LocalResources, QueueResource } from '../template/resources.ts';
import type { MetricIdentity } from './metric-document.ts';
import { MetricSink } from './metric-sink.ts';

/** Milliseconds between two looks at the emulators. CloudWatch has a figure a minute: a short backlog would not show. */
const SAMPLE_MS = 5 * SECOND_MS;

/** Reading the messages of a queue takes time and memory: above so many, the age is that of the backlog. */
const MAX_MESSAGES_READ = 5000;

/** SQS leaves out messages that were received more often, in the age of the oldest message. */
const MAX_RECEIVES_OF_OLDEST = 3;

/**
 * The metrics of AWS services that a dashboard or an alarm can name. Those of `Events` are watched for what no queue
 * took, and have no datapoints here, as on AWS while nothing fails: a queue of this machine takes every message.
 */
const MEASURED: Readonly<Record<string, readonly string[]>> = {
  'AWS/DynamoDB': ['WriteThrottleEvents'],
  'AWS/Events': ['FailedInvocations', 'InvocationsFailedToBeSentToDlq'],
  'AWS/Lambda': ['ConcurrentExecutions', 'Duration', 'Errors', 'Invocations', 'IteratorAge', 'Throttles'],
  'AWS/SQS': [
    'ApproximateAgeOfOldestMessage',
    'ApproximateNumberOfMessagesDelayed',
    'ApproximateNumberOfMessagesNotVisible',
    'ApproximateNumberOfMessagesVisible',
    'NumberOfMessagesDeleted',
  ],
};

/** Whether there are figures of a metric on this machine. What functions write themselves is taken as it comes. */
export function isMeasured({ namespace, name }: Pick<MetricIdentity, 'namespace' | 'name'>): boolean {
  return !namespace.startsWith('AWS/') || MEASURED[namespace]?.includes(name) === true;
}

interface ServiceMetricsOptions {
  readonly resources: Pick<LocalResources, 'queues' | 'tables'>;
  readonly services: Pick<ServiceServer, 'messageCounts' | 'inspectQueue'>;
  readonly table: Pick<TableServer, 'counters'>;
  readonly clock: Pick<Clock, 'now' | 'monotonic' | 'sleep'>;
  /** Called when a queue cannot be read; then that figure is missing. */
  readonly onError?: ((error: Error) => void) | undefined;
}

/** What is read here of the event that a stream's batch is. */
interface StreamBatch {
  readonly Records: readonly { readonly dynamodb: { readonly ApproximateCreationDateTime?: number } }[];
}

/** What SQS, Lambda and DynamoDB would report to CloudWatch of the emulators. Starts to measure at once. */
export class ServiceMetrics {
  readonly sink: MetricSink;
  readonly #options: ServiceMetricsOptions;
  /** When each queue was last found empty, by its name. */
  readonly #emptyAt = new Map<string, number>();
  readonly #closing = new AbortController();
  readonly #sampling: Promise<void>;
  #refusedBefore = 0;

  constructor(options: ServiceMetricsOptions) {
    this.#options = options;
    this.sink = new MetricSink({ now: options.clock.now });
    this.#sampling = this.#sampleUntilClosed();
  }

  /** The function, with each of its invocations measured. */
  meter(functionName: string, fn: InvokableFunction): InvokableFunction {
    const { monotonic } = this.#options.clock;
    const put = (name: string, value: number) => this.#put('AWS/Lambda', name, { FunctionName: functionName }, value);
    let running = 0;
    return {
      invoke: async (payload) => {
        const startedAt = monotonic();
        running += 1;
        put('ConcurrentExecutions', running);
        try {
          const outcome = await fn.invoke(payload);
          const isThrottled = outcome.outcome === 'error' && outcome.errorType === 'TooManyRequestsException';
          put('Throttles', Number(isThrottled));
          if (isThrottled) return outcome;
          put('Invocations', 1);
          put('Errors', Number(outcome.outcome === 'error'));
          put('Duration', monotonic() - startedAt);
          return outcome;
        } finally {
          running -= 1;
        }
      },
    };
  }

  /** The function that reads a stream, measured: also how old the newest record of each batch is when it is read. */
  meterStream(functionName: string, fn: InvokableFunction): InvokableFunction {
    const metered = this.meter(functionName, fn);
    return {
      invoke: (payload) => {
        const { Records }: StreamBatch = JSON.parse(payload);
        const writtenAt = Records.at(-1)?.dynamodb.ApproximateCreationDateTime;
        const age = writtenAt === undefined ? 0 : this.#options.clock.now() - writtenAt * SECOND_MS;
        this.#put('AWS/Lambda', 'IteratorAge', { FunctionName: functionName }, Math.max(0, age));
        return metered.invoke(payload);
      },
    };
  }

  /** Counts messages that an event source has deleted. */
  countDeleted({ name }: Pick<QueueResource, 'name'>, messages: number): void {
    this.#putOfQueue(name, 'NumberOfMessagesDeleted', messages);
  }

  /** Looks at the emulators now. */
  async sample(): Promise<void> {
    await Promise.all(this.#options.resources.queues.map((queue) => this.#sampleQueue(queue)));
    this.#sampleTable();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#sampling;
  }

  async #sampleUntilClosed(): Promise<void> {
    const { clock, onError } = this.#options;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await this.sample().catch((error: unknown) => onError?.(toError(error)));
      await sleepUnlessAborted(SAMPLE_MS, clock, signal);
    }
  }

  async #sampleQueue({ name, url }: QueueResource): Promise<void> {
    const { visible, delayed, inFlight } = await this.#options.services.messageCounts(url);
    this.#putOfQueue(name, 'ApproximateNumberOfMessagesVisible', visible);
    this.#putOfQueue(name, 'ApproximateNumberOfMessagesDelayed', delayed);
    this.#putOfQueue(name, 'ApproximateNumberOfMessagesNotVisible', inFlight);
    const age = await this.#ageOfOldest(name, visible + inFlight);
    this.#putOfQueue(name, 'ApproximateAgeOfOldestMessage', age / SECOND_MS);
  }

  /** In milliseconds. */
  async #ageOfOldest(name: string, messages: number): Promise<number> {
    const now = this.#options.clock.now();
    const emptyAt = messages === 0 ? now : (this.#emptyAt.get(name) ?? now);
    this.#emptyAt.set(name, emptyAt);
    if (messages === 0 || messages > MAX_MESSAGES_READ) return now - emptyAt;
    const { ready = [], inFlight = [] } = (await this.#options.services.inspectQueue(name)) ?? {};
    const sent = [...ready, ...inFlight]
      .filter(({ approximateReceiveCount }) => approximateReceiveCount <= MAX_RECEIVES_OF_OLDEST)
      .map(({ sentTimestamp }) => sentTimestamp);
    return Math.max(0, now - Math.min(now, ...sent));
  }

  /** DynamoDB reports no datapoint when nothing was throttled, and here no index is throttled apart from its table. */
  #sampleTable(): void {
    const { throttled, unprocessed } = this.#options.table.counters;
    const refused = throttled + unprocessed - this.#refusedBefore;
    this.#refusedBefore = throttled + unprocessed;
    const [table] = this.#options.resources.tables;
    if (refused > 0 && table) this.#put('AWS/DynamoDB', 'WriteThrottleEvents', { TableName: table.name }, refused);
  }

  #putOfQueue(QueueName: string, name: string, value: number): void {
    this.#put('AWS/SQS', name, { QueueName }, value);
  }

  #put(namespace: string, name: string, dimensions: Record<string, string>, value: number): void {
    const timestamp = this.#options.clock.now();
    this.sink.put({ namespace, name, dimensions, unit: 'None', timestamp, values: [value] });
  }
}

/** Several sources as one: each knows its own metrics. */
export function joinSources(...sinks: readonly MetricSink[]) {
  return {
    datapoints: (query: Parameters<MetricSink['datapoints']>[0]) => sinks.flatMap((sink) => sink.datapoints(query)),
    total: (query: Parameters<MetricSink['total']>[0]) =>
      sinks.map((sink) => sink.total(query)).find((total) => total !== undefined),
    list: () => sinks.flatMap((sink) => sink.list()),
  };
}
