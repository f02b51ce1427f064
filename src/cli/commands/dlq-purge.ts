import { Command } from 'commander';
import { formatNumberOf } from '../../shared/format.ts';
import { addConnectionOptions, addQueueOption, type QueueOptions } from '../arguments/options.ts';
import type { ConnectionOptions } from '../connection.ts';
import type { CliContext } from '../context.ts';
import { UsageError } from '../errors.ts';
import { type OpenQueues, withQueues } from '../ledger-session.ts';

interface PurgeOptions extends ConnectionOptions, QueueOptions {
  readonly yes?: boolean;
}

const EXAMPLES = `
Examples:
  upload-ledger dlq purge
  upload-ledger dlq purge --yes

Deletes forever what is in the queue, and what arrives while SQS deletes, which
can take a minute. With --queue deliveries: the events of every webhook. Export
first. Exit code 1: not confirmed.
`;

/** `upload-ledger dlq purge`: deletes all dead letters. */
export function dlqPurgeCommand(context: CliContext): Command {
  const command = new Command('purge')
    .description('Delete all dead letters, after a confirmation.')
    .optionsGroup('How:')
    .option('--yes', 'do not ask');
  return addConnectionOptions(addQueueOption(command))
    .addHelpText('after', EXAMPLES)
    .action(async (options: PurgeOptions) => {
      if (!options.yes && context.ask === undefined) {
        throw new UsageError('there is no terminal to confirm it on: use --yes to delete all dead letters');
      }
      await withQueues(context, options, (queues) => purge(options, queues, context));
    });
}

async function purge({ yes }: PurgeOptions, { deadLetters, ledger }: OpenQueues, context: CliContext): Promise<void> {
  const { purgeQueue, queueState } = await import('../../dead-letters/queues.ts');
  const { visible, hidden, delayed } = await queueState(deadLetters);
  const count = visible + hidden + delayed;
  if (!yes && !(await isConfirmed(count, ledger.name, context))) {
    context.exitCode = 1;
    return context.stderr.line('Nothing was deleted.');
  }
  await purgeQueue(deadLetters);
  await context.stderr.line(`Deleted about ${formatNumberOf(count, 'dead letter')} of ${ledger.name}.`);
}

async function isConfirmed(count: number, ledger: string, { ask }: CliContext): Promise<boolean> {
  const question = `Delete about ${formatNumberOf(count, 'dead letter')} of ${ledger} for good? Type "purge": `;
  return (await ask?.(question))?.trim() === 'purge';
}
