import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Command, CommanderError } from 'commander';
import { visibleText } from '../shared/text.ts';
import { checkoutDirectory } from './checkout.ts';
import { backfillCommand } from './commands/backfill.ts';
import { consoleCommand } from './commands/console.ts';
import { demoCommand } from './commands/demo.ts';
import { digestPreviewCommand } from './commands/digest-preview.ts';
import { digestTickCommand } from './commands/digest-tick.ts';
import { dlqExportCommand } from './commands/dlq-export.ts';
import { dlqListCommand } from './commands/dlq-list.ts';
import { dlqPurgeCommand } from './commands/dlq-purge.ts';
import { dlqRedriveCommand } from './commands/dlq-redrive.ts';
import { dlqShowCommand } from './commands/dlq-show.ts';
import { doctorCommand } from './commands/doctor.ts';
import { estimateCommand } from './commands/estimate.ts';
import { listCommand } from './commands/list.ts';
import { localCommand } from './commands/local.ts';
import { reconcileCommand } from './commands/reconcile.ts';
import { showCommand } from './commands/show.ts';
import { statsCommand } from './commands/stats.ts';
import { tailCommand } from './commands/tail.ts';
import type { CliContext } from './context.ts';
import { explainError, StopReason } from './errors.ts';

/** `upload-ledger` with all of its commands. Defining them loads nothing that only one of them needs. */
export function programFor(context: CliContext): Command {
  return new Command('upload-ledger')
    .description('Who uploaded what, when, and how big it is: look it up, and see what failed.')
    .version(version(), '-V, --version', 'print the version')
    .addCommand(listCommand(context))
    .addCommand(showCommand(context))
    .addCommand(statsCommand(context))
    .addCommand(tailCommand(context))
    .addCommand(digestCommand(context))
    .addCommand(dlqCommand(context))
    .addCommand(backfillCommand(context))
    .addCommand(reconcileCommand(context))
    .addCommand(doctorCommand(context))
    .addCommand(estimateCommand(context))
    .addCommand(consoleCommand(context))
    .addCommand(localCommand(context))
    .addCommand(demoCommand(context));
}

/** Of the checkout or the installed package. */
function version(): string {
  return JSON.parse(readFileSync(path.join(checkoutDirectory(), 'package.json'), 'utf8')).version ?? 'unknown';
}

/** `upload-ledger digest ...`: the emails on a schedule. */
export function digestCommand(context: CliContext): Command {
  return new Command('digest')
    .description('See what the next digest would say; send the one of the local stack now.')
    .addCommand(digestPreviewCommand(context))
    .addCommand(digestTickCommand(context));
}

/** `upload-ledger dlq ...`: the messages that could not be recorded. */
export function dlqCommand(context: CliContext): Command {
  return new Command('dlq')
    .description('See what could not be recorded (the dead-letter queue), and bring it back.')
    .addCommand(dlqListCommand(context))
    .addCommand(dlqShowCommand(context))
    .addCommand(dlqRedriveCommand(context))
    .addCommand(dlqExportCommand(context))
    .addCommand(dlqPurgeCommand(context));
}

/** Columns of help where there is no terminal. */
const USUAL_WIDTH = 80;

/** Exit code for wrong usage, wrong configuration and everything else that kept a command from answering. */
const FAILED = 2;

/**
 * Runs the command that `args` name, and turns whatever happens into an exit code: 0 done, 1 the answer is "no", 2 usage,
 * configuration or failure, 130 after Ctrl-C. Errors are one line on stderr. Never rejects.
 *
 * @param args Without the names of Node and of the program.
 */
export async function run(program: Command, args: readonly string[], context: CliContext): Promise<number> {
  prepare(program, program.name(), context);
  try {
    await program.parseAsync([...args], { from: 'user' });
    // A command that ends when it is stopped, as "tail" does, has succeeded; unless what it wrote got nowhere.
    const { reason } = context.signal;
    return reason instanceof StopReason && reason.exitCode === FAILED ? stopped(reason, context) : context.exitCode;
  } catch (error) {
    if (context.signal.reason instanceof StopReason) return stopped(context.signal.reason, context);
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : FAILED;
    await context.stderr.line(`${program.name()}: ${harmless(explainError(error))}`);
    return FAILED;
  }
}

/** Gives every command of the tree the context's outputs, and lets it throw instead of ending the process. */
function prepare(command: Command, fullName: string, context: CliContext): void {
  const { stdout, stderr } = context;
  const widthOf = (width: number) => (Number.isFinite(width) ? width : USUAL_WIDTH);
  command.exitOverride();
  command.configureOutput({
    writeOut: (text) => void stdout.stream.write(text),
    writeErr: (text) => void stderr.stream.write(text),
    outputError: (text, write) => write(`${fullName}: ${oneLine(text)}\n`),
    getOutHelpWidth: () => widthOf(stdout.width),
    getErrHelpWidth: () => widthOf(stderr.width),
    getOutHasColors: () => stdout.hasColour,
    getErrHasColors: () => stderr.hasColour,
  });
  for (const child of command.commands) prepare(child, `${fullName} ${child.name()}`, context);
}

async function stopped(reason: StopReason, { stderr }: CliContext): Promise<number> {
  if (reason.exitCode === FAILED) await stderr.line(`upload-ledger: ${harmless(reason.message)}`);
  return reason.exitCode;
}

/** Commander's errors quote what the user typed, and put suggestions on a line of their own. */
function oneLine(text: string): string {
  return visibleText(
    text
      .trim()
      .replace(/^error: /, '')
      .replaceAll(/\n(?=\(Did you mean)/g, ' '),
  );
}

/** The text with its own line breaks only. */
function harmless(text: string): string {
  return text.split('\n').map(visibleText).join('\n');
}
