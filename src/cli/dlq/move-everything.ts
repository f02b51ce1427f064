import { waitFor } from '../../shared/concurrency.ts';
import { formatCount } from '../../shared/format.ts';
import { visibleText } from '../../shared/text.ts';
import type { CliContext } from '../context.ts';
import { jsonLine } from '../output/json-line.ts';
import { openProgress } from '../output/progress.ts';
import { UsageError } from '../usage-error.ts';
import type { RedriveCommandOptions } from './redrive.ts';
import type { OpenQueues } from './with-queues.ts';

/** Lets SQS move all dead letters by a task of its own, and follows it. Ctrl-C ends the following, not the task. */
export async function moveEverything(
  { rate, json }: RedriveCommandOptions,
  { deadLetters, uploads }: OpenQueues,
  context: CliContext,
): Promise<void> {
  const { moveAll, MOST_A_SECOND } = await import('../../dead-letters/move-task.ts');
  if (rate !== undefined && rate > MOST_A_SECOND) {
    throw new UsageError(`SQS moves ${MOST_A_SECOND} messages a second at most: say --rate ${MOST_A_SECOND} or less`);
  }
  const { stdout, stderr, signal } = context;
  const progress = await openProgress(stderr, 'messages');
  try {
    const state = await moveAll({
      deadLetters,
      uploads,
      ...(rate !== undefined && { rate }),
      wait: (milliseconds) => waitFor(milliseconds, signal),
      onProgress: ({ moved, toMove = 0 }) => progress.at(Math.min(1, moved / Math.max(1, toMove)), moved),
      signal,
    });
    progress.stop();
    const { status, moved, toMove, failure } = state;
    if (json) await stdout.line(jsonLine({ task: status, moved, ...(toMove !== undefined && { to_move: toMove }) }));
    else
      await stdout.line(
        `  moved  ${formatCount(moved)}${toMove === undefined ? '' : ` of about ${formatCount(toMove)}`}`,
      );
    if (status === 'running')
      await stderr.line('SQS goes on moving by itself; "doctor" and the queues show how far it is.');
    if (status === 'failed')
      await stderr.line(`The move task failed: ${visibleText(failure ?? 'SQS gives no reason')}`);
    if (status === 'failed' || status === 'cancelled') context.exitCode = 1;
  } finally {
    progress.stop();
  }
}
