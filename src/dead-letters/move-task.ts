import {
  ListMessageMoveTasksCommand,
  type ListMessageMoveTasksResultEntry,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { UploadLedgerError } from '../shared/errors.ts';
import type { QueueRef } from './queues.ts';
import { queueState } from './queues.ts';

/** Messages a second that a task can be held to at most. Source: SQS API reference, StartMessageMoveTask. */
export const MOST_A_SECOND = 500;

/** Milliseconds between two looks at a task. */
const PAUSE = 2_000;

/** How far a task has come. */
export interface MoveTaskState {
  readonly status: 'running' | 'done' | 'failed' | 'cancelled';
  readonly moved: number;
  /** When it began: approximately how many there were. */
  readonly toMove?: number;
  readonly failure?: string;
}

export interface MoveTaskOptions {
  readonly deadLetters: QueueRef;
  readonly uploads: QueueRef;
  /** Messages a second, 1 to {@link MOST_A_SECOND}. Default: SQS decides. */
  readonly rate?: number;
  readonly wait: (milliseconds: number) => Promise<void>;
  readonly onProgress?: (state: MoveTaskState) => void;
  /** Ends following the task. The task goes on. */
  readonly signal?: AbortSignal;
}

/**
 * Lets SQS move everything in the dead-letter queue to the uploads queue, and follows how it goes. Nothing is judged, and the copies keep
 * what quarantine wrote about them: a move task cannot change a message.
 *
 * The destination is named, because SQS knows no source for the copies that quarantine sent.
 *
 * @throws UploadLedgerError `move-task-running` when one is at work on the queue already, and the SDK's errors.
 */
export async function moveAll(options: MoveTaskOptions): Promise<MoveTaskState> {
  const { deadLetters, uploads, rate, wait, onProgress, signal } = options;
  const [{ arn: SourceArn }, { arn: DestinationArn }] = [await queueState(deadLetters), await queueState(uploads)];
  const running = await lastTask(deadLetters, SourceArn);
  if (running?.Status === 'RUNNING' || running?.Status === 'CANCELLING') {
    throw new UploadLedgerError(
      'move-task-running',
      'a move task is already at work on the dead-letter queue: wait for its end',
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
    const state = toState(await lastTask(deadLetters, SourceArn));
    onProgress?.(state);
    if (state.status !== 'running' || signal?.aborted) return state;
    await wait(PAUSE);
  }
}

async function lastTask({ client }: QueueRef, SourceArn: string): Promise<ListMessageMoveTasksResultEntry | undefined> {
  const { Results = [] } = await client.send(new ListMessageMoveTasksCommand({ SourceArn, MaxResults: 1 }));
  return Results[0];
}

const STATUSES: Readonly<Record<string, MoveTaskState['status']>> = {
  COMPLETED: 'done',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
};

/** A task that is not listed yet has only just begun. */
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
