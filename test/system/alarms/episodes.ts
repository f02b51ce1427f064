import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { type AlarmState, alarmState } from '../../../src/local/metrics/alarm-state.ts';
import { presignUpload } from '../../../src/local/s3/presign.ts';
import { type LocalStack, startLocalStack } from '../../../src/local/stack.ts';
import type { AlarmResource } from '../../../src/local/template/resources.ts';
import { s3EventRecord, s3Message } from '../../builders/s3-event.ts';
import { ObservedMetrics } from './observed-metrics.ts';

/** A local stack that runs one episode after the other and observes the metrics of each. */
export class Episodes {
  readonly stack: LocalStack;
  /** By their articles in the runbook, such as `dead-letters-waiting`. */
  readonly alarms: ReadonlyMap<string, AlarmResource>;
  /** Articles of alarms that have been raised. */
  readonly raised = new Set<string>();
  readonly #hooks: Hooks;

  private constructor(stack: LocalStack, hooks: Hooks) {
    this.stack = stack;
    this.alarms = new Map(stack.resources.alarms.map((alarm) => [articleOf(alarm), alarm]));
    this.#hooks = hooks;
  }

  static async start(assemblyDirectory: string): Promise<Episodes> {
    const hooks: Hooks = { batches: 0 };
    const stack = await startLocalStack({
      assemblyDirectory,
      retryAfterSeconds: 0,
      onLog: ({ line, requestId }) => requestId !== undefined && hooks.observed?.takeLine(line, requestId),
      onBatch: ({ error }) => hooks.observed?.batchOver(hooks.batches++, error !== undefined),
      onMoment: (moment, _, kill) => moment === 'started' && hooks.onStarted?.(kill),
    });
    // The test events of the bucket's configurations belong to no episode.
    await stack.drained();
    return new Episodes(stack, hooks);
  }

  /** Batches of the episode so far. */
  get batches(): number {
    return this.#hooks.batches;
  }

  /** Starts an episode: runs `trouble`, then uploads one file. */
  async begin(trouble: () => void = () => undefined): Promise<ObservedMetrics> {
    const { stack } = this;
    const observed = new ObservedMetrics(stack);
    Object.assign(this.#hooks, { batches: 0, observed });
    trouble();
    const url = await presignUpload(stack.clients.s3, { bucket: stack.bucketName, key: `${crypto.randomUUID()}.txt` });
    await fetch(url, { method: 'PUT', body: 'content' });
    await stack.notifier.flush();
    return observed;
  }

  /** Runs an episode in which one message tells of these events. */
  async runEvents(eventNames: readonly string[]): Promise<ObservedMetrics> {
    const { clients, queueUrl } = this.stack;
    const observed = new ObservedMetrics(this.stack);
    Object.assign(this.#hooks, { batches: 0, observed });
    const events = eventNames.map((eventName) => s3EventRecord({ eventName, key: `${crypto.randomUUID()}.txt` }));
    await clients.sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: s3Message(...events) }));
    await this.stack.drained();
    return observed;
  }

  /** Runs an episode until the queue is drained. */
  async run(trouble?: () => void): Promise<ObservedMetrics> {
    const observed = await this.begin(trouble);
    await this.stack.drained();
    return observed;
  }

  /** Whether each invocation is killed when it starts. */
  killInvocations(isKilling: boolean): void {
    this.#hooks.onStarted = isKilling ? (kill) => kill() : () => undefined;
  }

  /** @throws TypeError for an alarm that the template does not declare. */
  stateOf(article: string, observed: ObservedMetrics, now: number): AlarmState {
    const alarm = this.alarms.get(article);
    if (alarm === undefined) throw new TypeError(`Expected an alarm ${article} among ${[...this.alarms.keys()]}.`);
    const state = alarmState(alarm, observed.sink, { now, madeAt: LONG_AGO });
    if (state === 'ALARM') this.raised.add(article);
    return state;
  }
}

/** No alarm still warms up. */
const LONG_AGO = 0;

function articleOf({ description }: AlarmResource): string {
  return /#([a-z-]+)$/.exec(description)?.[1] ?? '';
}

interface Hooks {
  batches: number;
  observed?: ObservedMetrics;
  onStarted?: (kill: () => void) => void;
}
