import {
  ListMessageMoveTasksCommand,
  type ListMessageMoveTasksResultEntry,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { sleepUnlessAborted } from '../shared/concurrency.ts';
import { UploadLedgerError } from '../shared/errors.ts';
import { type LedgerQueues, type QueueRef, queueState } from './queues.ts';

/** Messages per second that a task can be limited to. Source: SQS API reference, StartMessageMoveTask. */
export const MAX_TASK_RATE = 500;

const POLL_MS = 2_000;

/** How far a task has come. */
export interface MoveTaskState {
  readonly status: 'running' | 'done' | 'failed' | 'cancelled';
  readonly moved: number;
  /** Approximately how many there were when it began. */
  readonly toMove?: number;
  readonly failure?: string;
}

export interface MoveTaskOptions extends Pick<LedgerQueues, 'deadLetters' | 'uploads' | 'clock'> {
  /** Messages per second, 1 to {@link MAX_TASK_RATE}. @default SQS decides */
  readonly rate?: number;
  readonly onProgress?: (state: MoveTaskState) => void;
  /** Ends following the task. The task goes on. */
  readonly signal?: AbortSignal;
}

/**
 * Lets SQS move everything in the dead-letter queue to the uploads queue, and follows how it goes. Nothing is checked,
 * and the copies keep the attributes of quarantine: a move task cannot change a message.
 *
 * The destination is named, because SQS knows no source queue for the copies that quarantine sent.
 *
 * @throws UploadLedgerError `move-task-running` when another one runs on the queue, and the SDK's errors.
 */
export async function moveAll(options: MoveTaskOptions): Promise<MoveTaskState> {
  const { deadLetters, uploads, rate, clock, onProgress, signal } = options;
  const [{ arn: SourceArn }, { arn: DestinationArn }] = [await queueState(deadLetters), await queueState(uploads)];
  const running = await latestTask(deadLetters, SourceArn);
  if (running?.Status === 'RUNNING' || running?.Status === 'CANCELLING') {
    throw new UploadLedgerError(
      'move-task-running',
      'a move task of the dead-letter queue is already running: wait until it ends',
    );
  }
  await deadLetters.client.send(
    new StartMessageMoveTaskCommand({
      SourceArn,
      DestinationArn,
      ...(rate !== undefined && { MaxNumberOfMessagesPerSecond: rate }),
    }),
  );
  for (;;) {
    const state = toState(await latestTask(deadLetters, SourceArn));
    onProgress?.(state);
    if (state.status !== 'running' || signal?.aborted) return state;
    await sleepUnlessAborted(POLL_MS, clock, signal);
  }
}

async function latestTask(
  { client }: QueueRef,
  SourceArn: string,
): Promise<ListMessageMoveTasksResultEntry | undefined> {
  const { Results = [] } = await client.send(new ListMessageMoveTasksCommand({ SourceArn, MaxResults: 1 }));
  return Results[0];
}

const STATUSES: Readonly<Record<string, MoveTaskState['status']>> = {
  COMPLETED: 'done',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
};

/** A task that is not listed yet has just begun. */
function toState(task: ListMessageMoveTasksResultEntry = {}): MoveTaskState {
  const {
    Status = 'RUNNING',
    ApproximateNumberOfMessagesMoved = 0,
    ApproximateNumberOfMessagesToMove,
    FailureReason,
  } = task;
  return {
    status: STATUSES[Status] ?? 'running',
    moved: ApproximateNumberOfMessagesMoved,
    ...(ApproximateNumberOfMessagesToMove !== undefined && { toMove: ApproximateNumberOfMessagesToMove }),
    ...(FailureReason !== undefined && { failure: FailureReason }),
  };
}
