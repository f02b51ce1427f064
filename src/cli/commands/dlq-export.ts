import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { Command } from 'commander';
import { jsonLine } from '../../shared/data-formats.ts';
import { formatNumberOf } from '../../shared/format.ts';
import { visibleText } from '../../shared/text.ts';
import { addConnectionOptions, addQueueOption, QUEUE_WORDS, type QueueOptions } from '../arguments/options.ts';
import type { ConnectionOptions } from '../connection.ts';
import type { CliContext } from '../context.ts';
import {
  addDeadLetterFilters,
  type DeadLetterFilterOptions,
  noteUnread,
  startReading,
  toDeadLetterFilters,
} from '../dead-letters.ts';
import { UsageError } from '../errors.ts';
import { type OpenQueues, withQueues } from '../ledger-session.ts';

interface ExportOptions extends ConnectionOptions, QueueOptions, DeadLetterFilterOptions {
  readonly force?: boolean;
}

const EXAMPLES = `
Examples:
  upload-ledger dlq export dead-letters.jsonl
  upload-ledger dlq export - --reason not-json | jq -r .body

One JSON object a line, with the body and all attributes. The queue does not
change. FILE appears when it is complete, and only its owner can read it.
Exit code 1: there were more messages than can be read at once.
`;

/** `upload-ledger dlq export FILE`: all dead letters, as a file. */
export function dlqExportCommand(context: CliContext): Command {
  const command = new Command('export')
    .description('Write dead letters to a file: all of them, or those that match.')
    .argument('<file>', 'file to write, or - for the standard output');
  addDeadLetterFilters(addQueueOption(command), context)
    .optionsGroup('How:')
    .option('--force', 'overwrite the file when it is there');
  return addConnectionOptions(command)
    .addHelpText('after', EXAMPLES)
    .action((file: string, options: ExportOptions) =>
      withQueues(context, options, async (queues) => {
        const exportTo = (write: WriteLine) => exportMatching(write, options, queues, context);
        if (file === '-') await exportTo(context.stdout.line);
        else await exportToFile(file, options, exportTo);
      }),
    );
}

type WriteLine = (line: string) => Promise<void>;

async function exportToFile(
  file: string,
  { force }: ExportOptions,
  exportTo: (write: WriteLine) => Promise<void>,
): Promise<void> {
  const draft = `${file}.part`;
  if (!force) await refuseToOverwrite(file);
  const handle = await openDraft(draft, file);
  try {
    await exportTo(async (line) => void (await handle.write(`${line}\n`)));
    await handle.sync();
    await handle.close();
    await rename(draft, file);
  } catch (error) {
    await handle.close();
    await rm(draft, { force: true });
    throw error;
  }
}

async function exportMatching(
  write: WriteLine,
  options: ExportOptions,
  queues: OpenQueues,
  context: CliContext,
): Promise<void> {
  const filters = toDeadLetterFilters(options, context);
  const { toExport } = await import('../../dead-letters/dead-letter.ts');
  const reading = await startReading(queues, context, filters);
  let count = 0;
  for await (const message of reading.messages) {
    await write(jsonLine(toExport(message)));
    count += 1;
  }
  const { one, many } = QUEUE_WORDS[options.queue];
  await context.stderr.line(`Exported ${formatNumberOf(count, one, many)}.`);
  if (reading.isFull()) context.exitCode = 1;
  await noteUnread(reading, context);
}

async function refuseToOverwrite(file: string): Promise<void> {
  try {
    await (await open(file, 'r')).close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
  }
  throw new UsageError(`${visibleText(file)} already exists: name another file, or overwrite it with --force`);
}

/** Bodies may be confidential, so only the owner may read the file. */
async function openDraft(draft: string, file: string): Promise<FileHandle> {
  try {
    return await open(draft, 'w', 0o600);
  } catch (error) {
    const { code = 'an error' } = error as NodeJS.ErrnoException;
    throw new UsageError(
      `cannot write ${visibleText(file)} (${code}): name a file in an existing directory that you may write to`,
    );
  }
}
