import type {
  ListMessageMoveTasksCommandInput,
  ListMessageMoveTasksResultEntry,
  StartMessageMoveTaskCommandInput,
} from '@aws-sdk/client-sqs';
import { SECOND_MS } from '../../../../src/shared/time.ts';
import type { SimulatedQueue } from './simulated-sqs.ts';
import { refusal } from './sqs-errors.ts';
import type { VirtualClock } from './virtual-clock.ts';

interface MoveTask {
  readonly handle: string;
  readonly source: SimulatedQueue;
  readonly destination: SimulatedQueue;
  readonly startedAt: number;
  readonly toMove: number;
  readonly perSecond: number;
  moved: number;
  isDone: boolean;
}

/** Messages a second. Source: SQS API reference, StartMessageMoveTask. */
const MAX_RATE = 500;

/** SQS's own redrive: moves everything that becomes visible, as new messages. One at a time for each queue. */
export class MoveTasks {
  readonly #clock: VirtualClock;
  readonly #queues: readonly SimulatedQueue[];
  /** Latest first. */
  readonly #tasks: MoveTask[] = [];

  constructor({ clock, queues }: { readonly clock: VirtualClock; readonly queues: readonly SimulatedQueue[] }) {
    this.#clock = clock;
    this.#queues = queues;
  }

  start({ SourceArn, DestinationArn, MaxNumberOfMessagesPerSecond }: StartMessageMoveTaskCommandInput): object {
    const source = this.#queueOf(SourceArn);
    if (this.#tasks.some((task) => task.source === source && !task.isDone)) throw refusal('UnsupportedOperation');
    const task: MoveTask = {
      handle: `move-task-${this.#tasks.length + 1}`,
      source,
      destination: this.#queueOf(DestinationArn),
      startedAt: this.#clock.now(),
      toMove: source.size,
      perSecond: MaxNumberOfMessagesPerSecond ?? MAX_RATE,
      moved: 0,
      isDone: false,
    };
    this.#tasks.unshift(task);
    this.#clock.after(SECOND_MS, () => this.#move(task));
    return { TaskHandle: task.handle };
  }

  list({ SourceArn, MaxResults = 1 }: ListMessageMoveTasksCommandInput): object {
    const source = this.#queueOf(SourceArn);
    const found = this.#tasks.filter((task) => task.source === source).slice(0, MaxResults);
    return { Results: found.map(toEntry) };
  }

  /** Moves what a second allows. */
  #move(task: MoveTask): void {
    const { source, destination, perSecond } = task;
    const messages = source.receive(perSecond);
    for (const { body, attributes, receipt } of messages) {
      destination.send(body, { attributes });
      source.delete(receipt);
    }
    task.moved += messages.length;
    task.isDone = messages.length === 0;
    if (!task.isDone) this.#clock.after(SECOND_MS, () => this.#move(task));
  }

  #queueOf(arn: string | undefined): SimulatedQueue {
    const queue = this.#queues.find((candidate) => candidate.arn === arn);
    if (queue === undefined) throw refusal('ResourceNotFoundException', 404);
    return queue;
  }
}

function toEntry({ handle, source, destination, ...task }: MoveTask): ListMessageMoveTasksResultEntry {
  return {
    // SQS names the handle of a task that can still be cancelled.
    ...(!task.isDone && { TaskHandle: handle }),
    Status: task.isDone ? 'COMPLETED' : 'RUNNING',
    SourceArn: source.arn,
    DestinationArn: destination.arn,
    ApproximateNumberOfMessagesMoved: task.moved,
    ApproximateNumberOfMessagesToMove: task.toMove,
    StartedTimestamp: task.startedAt,
  };
}
