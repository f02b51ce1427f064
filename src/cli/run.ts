import { type Command, CommanderError } from 'commander';
import { visibleText } from '../shared/text.ts';
import type { CliContext } from './context.ts';
import { explainError } from './explain-error.ts';
import { StopReason } from './stop-reason.ts';

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
