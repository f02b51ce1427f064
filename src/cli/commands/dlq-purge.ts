import { Command } from 'commander';
import { formatNumberOf } from '../../shared/format.ts';
import { addConnectionOptions, addQueueOption, QUEUE_WORDS, type QueueOptions } from '../arguments/options.ts';
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
        const { many } = QUEUE_WORDS[options.queue];
        throw new UsageError(`there is no terminal to confirm it on: use --yes to delete all ${many}`);
      }
      await withQueues(context, options, (queues) => purge(options, queues, context));
    });
}

async function purge(
  { yes, queue }: PurgeOptions,
  { deadLetters, ledger }: OpenQueues,
  context: CliContext,
): Promise<void> {
  const { purgeQueue, queueState } = await import('../../dead-letters/queues.ts');
  const { visible, hidden, delayed } = await queueState(deadLetters);
  const { one, many } = QUEUE_WORDS[queue];
  const whose = queue === 'deliveries' ? `to all webhooks of ${ledger.name}` : `of ${ledger.name}`;
  const messages = `about ${formatNumberOf(visible + hidden + delayed, one, many)} ${whose}`;
  if (!yes && !(await isConfirmed(`Delete ${messages} for good?`, context))) {
    context.exitCode = 1;
    return context.stderr.line('Nothing was deleted.');
  }
  await purgeQueue(deadLetters);
  await context.stderr.line(`Deleted ${messages}.`);
}

async function isConfirmed(question: string, { ask }: CliContext): Promise<boolean> {
  return (await ask?.(`${question} Type "purge": `))?.trim() === 'purge';
}
