import type { DeadLetter } from '../dead-letters/dead-letter.ts';
import type { LedgerQueues, QueueState } from '../dead-letters/queues.ts';
import { formatNumberOf } from '../shared/format.ts';
import type { ConnectionOptions, OpenLedger } from './connection.ts';
import type { CliContext } from './context.ts';
import { withLedger } from './ledger-session.ts';
import { createProgress } from './output/progress.ts';

/** What the commands on dead letters work on. */
export interface OpenQueues extends LedgerQueues {
  readonly ledger: OpenLedger;
}

/** Finds the ledger, lets `use` work on its queues, and closes it. */
export async function withQueues(
  context: CliContext,
  options: ConnectionOptions,
  use: (queues: OpenQueues) => Promise<void>,
): Promise<void> {
  await withLedger(context, options, async (ledger) => {
    const { resources, clients } = ledger;
    const [sqs, { ledgerQueues }] = await Promise.all([clients.sqs(), import('../dead-letters/queues.ts')]);
    await use({
      ledger,
      ...ledgerQueues({ sqs, dynamodb: () => clients.dynamodb(), resources, clock: context.clock }),
    });
  });
}

/** Messages between two steps of the bar. */
const A_STEP = 50;

/** A look at the dead-letter queue, with a bar while it lasts. */
export interface Look {
  /** Before the look. */
  readonly state: QueueState;
  readonly letters: AsyncGenerator<DeadLetter>;
  /** Whether some messages were passed over, because there were too many to hold. Known at the end. */
  readonly isFull: () => boolean;
}

/** @throws the reason of the context's signal, when that stops the look. The messages are given back first. */
export async function openLook({ deadLetters, clock }: OpenQueues, context: CliContext): Promise<Look> {
  const [{ readDeadLetters }, { queueState }] = await Promise.all([
    import('../dead-letters/receive.ts'),
    import('../dead-letters/queues.ts'),
  ]);
  const { signal } = context;
  const state = await queueState(deadLetters);
  let isFull = false;
  const letters = async function* () {
    const progress = await createProgress(context, 'messages');
    const look = readDeadLetters(deadLetters, { signal, clock });
    let count = 0;
    try {
      for (let step = await look.next(); ; step = await look.next()) {
        if (step.done) {
          isFull = step.value.isFull;
          break;
        }
        yield step.value;
        count += 1;
        if (count % A_STEP === 0) progress.at(Math.min(1, count / Math.max(1, state.visible)), count);
      }
    } finally {
      progress.stop();
      await look.return({ isFull });
    }
    signal.throwIfAborted();
  };
  return { state, letters: letters(), isFull: () => isFull };
}

/** What the user should know about what the look could not see. */
export async function noteOnLook({ state, isFull }: Look, { stderr }: CliContext): Promise<void> {
  if (isFull()) await stderr.line('There are more than one look can hold: the rest was not looked at.');
  if (state.hidden > 0) {
    await stderr.line(
      `About ${formatNumberOf(state.hidden, 'message')} could not be seen: another look or redrive has them, or one was killed. They come back within two minutes.`,
    );
  }
}
