import { jsonLine } from '../shared/data-formats.ts';
import { formatCount } from '../shared/format.ts';
import { visibleText } from '../shared/text.ts';
import type { CliContext } from './context.ts';
import { UsageError } from './errors.ts';
import type { OpenQueues } from './ledger-session.ts';
import { createProgress, partOf } from './output/progress.ts';

/** SQS does not say what it moves, so that nobody can watch for it. */
const SUPERSEDED_ADVICE =
  'Uploads that backfill or reconcile had recorded have two records now: when the queue is empty, "reconcile --repair" deletes the extra ones.';

/** Lets SQS move all dead letters by a message move task, and follows it. Ctrl-C ends the following, not the task. */
export async function moveEverything(
  { rate, json }: { readonly rate?: number; readonly json?: boolean },
  queues: OpenQueues,
  context: CliContext,
): Promise<void> {
  const { moveAll, MAX_TASK_RATE } = await import('../dead-letters/move-task.ts');
  if (rate !== undefined && rate > MAX_TASK_RATE) {
    throw new UsageError(`SQS moves ${MAX_TASK_RATE} messages a second at most: use --rate ${MAX_TASK_RATE} or less`);
  }
  const { stdout, stderr, signal } = context;
  const progress = await createProgress(context, 'messages');
  try {
    const state = await moveAll({
      ...queues,
      ...(rate !== undefined && { rate }),
      onProgress: ({ moved, toMove = 0 }) => progress.update(partOf(moved, toMove), moved),
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
    if (moved > 0) await stderr.line(SUPERSEDED_ADVICE);
    if (status === 'failed' || status === 'cancelled') context.exitCode = 1;
  } finally {
    progress.stop();
  }
}
