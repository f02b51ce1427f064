import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Argument, Command, CommanderError, type Option } from 'commander';
import { visibleText } from '../shared/text.ts';
import { checkoutDirectory, isCheckout } from './checkout.ts';
import { commit } from './commit.ts';
import type { CliContext } from './context.ts';
import { ArgumentError, StopReason } from './errors.ts';
import { explainError } from './explain-error.ts';

/** Loads the module that defines a command. */
type LoadCommand = () => Promise<(context: CliContext) => Command>;

interface CommandGroup {
  readonly description: string;
  readonly commands: CommandTable;
}

/** Commands and groups of commands by name, in the order of the help. */
type CommandTable = Readonly<Record<string, LoadCommand | CommandGroup>>;

/** Commands of which the help of the installed package says nothing: it has no local stack. */
const OF_A_CHECKOUT: readonly string[] = ['local', 'demo', 'tick'];

const COMMANDS: CommandTable = {
  list: async () => (await import('./commands/list.ts')).listCommand,
  show: async () => (await import('./commands/show.ts')).showCommand,
  stats: async () => (await import('./commands/stats.ts')).statsCommand,
  tail: async () => (await import('./commands/tail.ts')).tailCommand,
  digest: {
    description: `See what the next digest would say${isCheckout() ? '; send the one of the local stack now' : ''}.`,
    commands: {
      preview: async () => (await import('./commands/digest-preview.ts')).digestPreviewCommand,
      tick: async () => (await import('./commands/digest-tick.ts')).digestTickCommand,
    },
  },
  alerts: {
    description: 'Try alert rules on the uploads that were recorded.',
    commands: { test: async () => (await import('./commands/alerts-test.ts')).alertsTestCommand },
  },
  dlq: {
    description: 'See what could not be recorded (the dead-letter queue), and move it back.',
    commands: {
      list: async () => (await import('./commands/dlq-list.ts')).dlqListCommand,
      show: async () => (await import('./commands/dlq-show.ts')).dlqShowCommand,
      redrive: async () => (await import('./commands/dlq-redrive.ts')).dlqRedriveCommand,
      export: async () => (await import('./commands/dlq-export.ts')).dlqExportCommand,
      purge: async () => (await import('./commands/dlq-purge.ts')).dlqPurgeCommand,
    },
  },
  backfill: async () => (await import('./commands/backfill.ts')).backfillCommand,
  reconcile: async () => (await import('./commands/reconcile.ts')).reconcileCommand,
  attach: async () => (await import('./commands/attach.ts')).attachCommand,
  detach: async () => (await import('./commands/detach.ts')).detachCommand,
  doctor: async () => (await import('./commands/doctor.ts')).doctorCommand,
  estimate: async () => (await import('./commands/estimate.ts')).estimateCommand,
  console: async () => (await import('./commands/console.ts')).consoleCommand,
  local: async () => (await import('./commands/local.ts')).localCommand,
  demo: async () => (await import('./commands/demo.ts')).demoCommand,
};

/**
 * `upload-ledger` with the command that `args` name, whose module alone is loaded. Where they name none, with all
 * commands: for the help, and so that commander can suggest the one that was meant.
 */
export async function createProgram(context: CliContext, args: readonly string[] = []): Promise<Command> {
  const program = new Command('upload-ledger')
    .description('Search who uploaded what, when, and how big it is, and see what failed.')
    .version(version(args), '-V, --version', 'print the version and the commit')
    .addHelpText('after', () => `\nDocuments: ${documents()}`);
  await addCommands(program, COMMANDS, args, context);
  return program;
}

/** Errors and help name documents as `docs/email.md`: this is where they are. */
function documents(): string {
  return isCheckout() ? 'docs/README.md' : path.join(checkoutDirectory(), 'docs', 'README.md');
}

async function addCommands(
  parent: Command,
  table: CommandTable,
  [wanted, ...args]: readonly string[],
  context: CliContext,
): Promise<void> {
  const all = Object.entries(table);
  const named = all.filter(([name]) => name === wanted);
  for (const [name, entry] of named.length > 0 ? named : all) {
    if (typeof entry === 'function') {
      const define = await entry();
      parent.addCommand(define(context), { hidden: OF_A_CHECKOUT.includes(name) && !isCheckout() });
    } else {
      const group = new Command(name).description(entry.description);
      await addCommands(group, entry.commands, args, context);
      parent.addCommand(group);
    }
  }
}

/** Of the checkout or the installed package, with its commit when somebody asks: `1.0.0 (4f2a9c1)`. */
function version([asked]: readonly string[]): string {
  const released =
    JSON.parse(readFileSync(path.join(checkoutDirectory(), 'package.json'), 'utf8')).version ?? 'unknown';
  const of = asked === '--version' || asked === '-V' ? commit() : '';
  return of === '' ? released : `${released} (${of})`;
}

/** Columns of help where there is no terminal. */
const DEFAULT_WIDTH = 80;

/** Exit code for wrong usage, wrong configuration and everything else that kept a command from answering. */
const FAILED = 2;

/**
 * Runs the command that `args` name, and turns whatever happens into an exit code: 0 done, 1 the answer is "no", 2
 * usage, configuration or failure, 130 after Ctrl-C. Errors are one line on stderr.
 *
 * @param args Without the names of Node and of the program.
 */
export async function run(args: readonly string[], context: CliContext): Promise<number> {
  const program = await createProgram(context, args);
  prepare(program, program.name(), context);
  try {
    await program.parseAsync([...args], { from: 'user' });
    // A server that is stopped, as by "console" and "local", has succeeded; unless what it wrote got nowhere.
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
  const widthOf = (width: number) => (Number.isFinite(width) ? width : DEFAULT_WIDTH);
  command.exitOverride();
  command.configureOutput({
    writeOut: (text) => void stdout.stream.write(text),
    writeErr: (text) => void stderr.stream.write(text),
    outputError: (text, write) => write(`${fullName}: ${oneLine(text, fullName)}\n`),
    getOutHelpWidth: () => widthOf(stdout.width),
    getErrHelpWidth: () => widthOf(stderr.width),
    getOutHasColors: () => stdout.hasColour,
    getErrHasColors: () => stderr.hasColour,
  });
  for (const option of command.options) {
    const takesValue = option.required || option.optional;
    if (takesValue && option.parseArg === undefined) option.argParser(notEmpty);
    explainValue(option, option.long ?? option.flags, command);
  }
  for (const argument of command.registeredArguments) {
    if (argument.parseArg === undefined) argument.argParser(notEmpty);
    explainValue(argument, `<${argument.name()}>`, command);
  }
  for (const child of command.commands) prepare(child, `${fullName} ${child.name()}`, context);
}

async function stopped(reason: StopReason, { stderr }: CliContext): Promise<number> {
  if (reason.exitCode === FAILED) await stderr.line(`upload-ledger: ${harmless(reason.message)}`);
  return reason.exitCode;
}

/** Of a value that came and cannot be read. */
const MAX_SHOWN = 100;

/** Says in one way of every option and argument what was expected of its value, and what came. */
function explainValue(target: Option | Argument, name: string, command: Command): void {
  const { parseArg, argChoices } = target;
  if (parseArg === undefined) return;
  target.parseArg = (text, previous) => {
    try {
      return parseArg(text, previous);
    } catch (error) {
      if (argChoices === undefined && !(error instanceof ArgumentError)) throw error;
      const expected = error instanceof ArgumentError ? error.expected : `one of ${argChoices?.join(', ')}`;
      return command.error(`expected ${name} to be ${expected}, got "${text.slice(0, MAX_SHOWN)}"`);
    }
  };
}

/** For values that are any text: an empty one is a shell variable that is not set. */
function notEmpty(text: string): string {
  if (text === '') throw new ArgumentError('a value that is not empty');
  return text;
}

/** Commander's own errors quote what the user typed, put suggestions on a line of their own, and do not say what to do. */
function oneLine(text: string, fullName: string): string {
  const [, error] = /^error: (.*?)\.?$/s.exec(text.trim()) ?? [];
  if (error === undefined) return visibleText(text.trim());
  // As in other programs, where options may come first.
  if (fullName === 'upload-ledger' && error.startsWith('unknown option')) {
    return visibleText(
      `${error.replace(/\n.*/s, '')}: put the options of a command after its name; see "${fullName} --help"`,
    );
  }
  return visibleText(`${error.replaceAll(/\n(?=\(Did you mean)/g, ' ')}; see "${fullName} --help"`);
}

/** The text with its own line breaks only. */
function harmless(text: string): string {
  return text.split('\n').map(visibleText).join('\n');
}
