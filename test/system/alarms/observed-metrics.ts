import { MetricSink } from '../../../src/local/metrics/metric-sink.ts';
import type { LocalStack } from '../../../src/local/stack.ts';
import type { QueueResource } from '../../../src/local/template/resources.ts';

/** A Monday at midnight UTC: every period of an alarm begins then. */
export const START = Date.UTC(2026, 10, 23);

const SECOND = 1000;

/**
 * The metrics that CloudWatch would have of one episode of the local stack: the function's own, and those of SQS,
 * Lambda and DynamoDB, made from the local servers' state and counters.
 *
 * An episode that takes seconds here takes minutes or days on AWS. The local stack returns a failed message at once,
 * where AWS waits for the queue's visibility timeout: so the n-th batch of an episode is dated n timeouts after its
 * beginning. A queue that nothing changes can be observed at any time.
 */
export class ObservedMetrics {
  #now = START;
  readonly sink = new MetricSink({ now: () => this.#now });
  readonly #stack: LocalStack;
  readonly #queue: QueueResource;
  readonly #requests: string[] = [];
  readonly #began = Date.now();
  #seen: ReturnType<typeof countersOf>;

  constructor(stack: LocalStack) {
    this.#stack = stack;
    this.#queue = queueOf(stack, stack.queueUrl);
    this.#seen = countersOf(stack);
  }

  /** Takes a log line of the function, with its metrics at the time of its batch. */
  takeLine(line: string, requestId: string): void {
    if (!this.#requests.includes(requestId)) this.#requests.push(requestId);
    const at = this.#timeOf(this.#requests.indexOf(requestId));
    this.#take(at, line.replace(/"Timestamp":\d+/, `"Timestamp":${at}`));
  }

  /** Counts the n-th batch as Lambda and DynamoDB would. @param isFailed Whether the invocation ended in an error. */
  batchOver(index: number, isFailed: boolean): void {
    const at = this.#timeOf(index);
    const [before, now] = [this.#seen, countersOf(this.#stack)];
    this.#seen = now;
    const throttles = now.throttles - before.throttles;
    const fn = { FunctionName: this.#stack.functionName };
    this.#put(at, 'AWS/Lambda', 'Throttles', fn, throttles);
    this.#put(at, 'AWS/Lambda', 'Errors', fn, isFailed && throttles === 0 ? 1 : 0);
    const table = { TableName: this.#stack.tableName };
    // DynamoDB emits no datapoint when nothing was throttled.
    const refused = now.refused - before.refused;
    if (refused > 0) this.#put(at, 'AWS/DynamoDB', 'WriteThrottleEvents', table, refused);
  }

  /** Measures both queues, as SQS does each minute. @param at Epoch milliseconds, not before now. */
  async lookAtQueues(at: number): Promise<void> {
    const deadLetters = queueOf(this.#stack, this.#stack.deadLetterQueueUrl);
    for (const queue of [this.#queue, deadLetters]) await this.#look(queue, at);
  }

  async #look({ name }: QueueResource, at: number): Promise<void> {
    const contents = await this.#stack.servers.services.inspectQueue(name);
    if (contents === undefined) throw new TypeError(`Expected the queue ${name} to be there.`);
    const all = [...contents.ready, ...contents.inFlight];
    const sent = Math.min(...all.map(({ sentTimestamp }) => sentTimestamp));
    // The message was sent at the episode's beginning.
    const age = all.length === 0 ? 0 : (at - START - (sent - this.#began)) / SECOND;
    const queue = { QueueName: name };
    this.#put(at, 'AWS/SQS', 'ApproximateNumberOfMessagesVisible', queue, contents.ready.length);
    this.#put(at, 'AWS/SQS', 'ApproximateNumberOfMessagesNotVisible', queue, contents.inFlight.length);
    this.#put(at, 'AWS/SQS', 'ApproximateAgeOfOldestMessage', queue, Math.max(0, age));
  }

  #timeOf(batch: number): number {
    return START + batch * this.#queue.visibilityTimeoutSeconds * SECOND;
  }

  #put(at: number, namespace: string, name: string, dimensions: Record<string, string>, value: number): void {
    const metric = { Namespace: namespace, Dimensions: [Object.keys(dimensions)], Metrics: [{ Name: name }] };
    this.#take(
      at,
      JSON.stringify({ _aws: { Timestamp: at, CloudWatchMetrics: [metric] }, ...dimensions, [name]: value }),
    );
  }

  #take(at: number, line: string): void {
    this.#now = at;
    this.sink.take(line);
  }
}

function queueOf({ resources }: LocalStack, queueUrl: string): QueueResource {
  const queue = resources.queues.find(({ url }) => url === queueUrl);
  if (queue === undefined) throw new TypeError(`Expected the template to declare ${queueUrl}.`);
  return queue;
}

function countersOf({ consumers, servers }: LocalStack) {
  const throttles = consumers.functions.reduce((sum, fn) => sum + fn.counters.throttles, 0);
  const { throttled, unprocessed } = servers.table.counters;
  return { throttles, refused: throttled + unprocessed };
}
