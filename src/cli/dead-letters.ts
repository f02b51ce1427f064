import { type Command, Option } from 'commander';
import { DEAD_LETTER_REASONS, type DeadLetter, type DeadLetterReason } from '../dead-letters/dead-letter.ts';
import type { DeadLetterFilters } from '../dead-letters/filters.ts';
import type { QueueState } from '../dead-letters/queues.ts';
import { formatNumberOf } from '../shared/format.ts';
import { DAY_MS } from '../shared/time.ts';
import { addRangeOptions, type RangeOptions, toRange } from './arguments/options.ts';
import type { CliContext } from './context.ts';
import type { OpenQueues } from './ledger-session.ts';
import { createProgress, partOf } from './output/progress.ts';

/** The options that choose dead letters, as commander gives them. */
export interface DeadLetterFilterOptions extends RangeOptions {
  readonly reason?: DeadLetterReason;
  readonly contains?: string;
}

/** Adds the options that choose dead letters. A message must match all of them. */
export function addDeadLetterFilters(command: Command, context: CliContext): Command {
  command
    .optionsGroup('Which dead letters:')
    .addOption(new Option('--reason <reason>', 'those of one reason').choices(DEAD_LETTER_REASONS))
    .option('--contains <text>', 'with this in the body or the detail');
  return addRangeOptions(command, context, 'the oldest');
}

/** @throws UsageError when the range ends before it begins. */
export function toDeadLetterFilters(
  { reason, contains, since, until }: DeadLetterFilterOptions,
  { clock }: CliContext,
): DeadLetterFilters {
  // SQS keeps no message longer than two weeks.
  toRange({ ...(since && { since }), ...(until && { until }) }, clock.now(), 14 * DAY_MS);
  return {
    ...(reason !== undefined && { reason }),
    ...(contains !== undefined && { contains }),
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
  };
}

/** Messages between two steps of the progress bar. */
const STEP = 50;

/** The dead-letter queue, or the messages of it that match, as a command reads it, with a progress bar. */
interface QueueReading {
  /** Before the reading. */
  readonly state: QueueState;
  readonly messages: AsyncGenerator<DeadLetter>;
  /** Whether some messages were passed over, because there were too many to hold. Known at the end. */
  readonly isFull: () => boolean;
}

/** @throws the reason of the context's signal, when that stops the reading. The messages are given back first. */
export async function startReading(
  { deadLetters, clock }: OpenQueues,
  context: CliContext,
  filters: DeadLetterFilters = {},
): Promise<QueueReading> {
  const [{ matchingDeadLetters }, { readDeadLetters }, { queueState }] = await Promise.all([
    import('../dead-letters/filters.ts'),
    import('../dead-letters/receive.ts'),
    import('../dead-letters/queues.ts'),
  ]);
  const { signal } = context;
  const state = await queueState(deadLetters);
  let isFull = false;
  const messages = async function* () {
    const progress = await createProgress(context, 'messages');
    const reading = readDeadLetters(deadLetters, { signal, clock });
    let count = 0;
    try {
      for (let step = await reading.next(); ; step = await reading.next()) {
        if (step.done) {
          isFull = step.value.isFull;
          break;
        }
        yield step.value;
        count += 1;
        if (count % STEP === 0) progress.update(partOf(count, state.visible), count);
      }
    } finally {
      progress.stop();
      await reading.return({ isFull });
    }
    signal.throwIfAborted();
  };
  return { state, messages: matchingDeadLetters(messages(), filters), isFull: () => isFull };
}

/** Tells the user what the reading could not see. */
export async function noteUnread({ state, isFull }: QueueReading, { stderr }: CliContext): Promise<void> {
  if (isFull()) await stderr.line('There are more than one run can read: the rest was not read.');
  if (state.hidden > 0) {
    await stderr.line(
      `About ${formatNumberOf(state.hidden, 'message')} could not be read: another command is reading them, or one was killed. They are visible again within two minutes.`,
    );
  }
}
