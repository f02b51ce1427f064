import { constants } from 'node:os';
import { type Clock, systemClock } from '../shared/clock.ts';
import { checkoutDirectory } from './checkout.ts';
import { type ConnectionOptions, connect, type OpenLedger } from './connection.ts';
import { StopReason } from './errors.ts';
import { createOutput, type Output } from './output/output.ts';

/** What a command uses of the process. Tests replace all of it. */
export interface CliContext {
  /** Answers. */
  readonly stdout: Output;
  /** Errors, notes and progress. */
  readonly stderr: Output;
  readonly clock: Clock;
  /** Aborted by Ctrl-C, and when nobody reads stdout any more. */
  readonly signal: AbortSignal;
  /** Finds the ledger and opens it. */
  readonly connect: (options: ConnectionOptions) => Promise<OpenLedger>;
  /** Asks the user a question on the terminal. Absent where nobody can answer. */
  readonly ask?: (question: string) => Promise<string>;
  /** For fault injection: called with each step in which the local stack opens and closes, see `OpenResources`. */
  readonly onStep?: (step: string) => void | Promise<void>;
  /**
   * 0: done. 1: the command's question is answered "no". 2: it could not be answered in full. A command sets it before
   * it ends.
   */
  exitCode: 0 | 1 | 2;
}

/**
 * The context of the real program. The first Ctrl-C or SIGTERM asks the command to stop, the second ends the program at
 * once. When the reader of stdout goes away (`| head`), the command stops with success.
 *
 * Only this function reads the environment.
 */
export function processContext(program: NodeJS.Process): CliContext {
  const stop = new AbortController();
  stopOnSignals(program, stop);
  const wantsColour = !program.env.NO_COLOR && program.env.TERM !== 'dumb';
  const onClosed = (error: NodeJS.ErrnoException) => stop.abort(closedReason(error));
  const canAsk = program.stdin.isTTY && program.stderr.isTTY;
  const terminal = canAsk ? { ask: (question: string) => ask(question, program, stop.signal) } : {};
  const surroundings = { directory: checkoutDirectory(), environment: program.env, signal: stop.signal, ...terminal };
  return {
    stdout: createOutput(program.stdout, { wantsColour, onClosed }),
    stderr: createOutput(program.stderr, { wantsColour }),
    clock: systemClock,
    signal: stop.signal,
    connect: (options) => connect(options, surroundings),
    ...terminal,
    exitCode: 0,
  };
}

/** Milliseconds that a command's connections get to close by themselves when it has ended. */
const LINGER_MS = 1000;

/**
 * Ends the program although something that failed to close keeps it alive. Waits for the readers of its output, who may
 * be slow.
 */
export function endProgram(program: NodeJS.Process, exitCode: number): void {
  program.exitCode = exitCode;
  // A timeout does not keep a process alive: where nothing else does, it has ended before.
  systemClock.timeout(LINGER_MS).addEventListener('abort', () => {
    if (program.stdout.writableLength + program.stderr.writableLength === 0) program.exit();
    endProgram(program, exitCode);
  });
}

/** Rejects with the signal's reason as soon as it is aborted, and never resolves. For what cannot be given a signal. */
export function rejectOnAbort(signal: AbortSignal): Promise<never> {
  const aborted = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  // The caller may be done before it is awaited.
  aborted.catch(() => undefined);
  return aborted;
}

async function ask(question: string, program: NodeJS.Process, signal: AbortSignal): Promise<string> {
  const { createInterface } = await import('node:readline/promises');
  const lines = createInterface({ input: program.stdin, output: program.stderr });
  // While it reads a line, the terminal sends no signal for Ctrl-C.
  lines.on('SIGINT', () => program.emit('SIGINT', 'SIGINT'));
  try {
    return await lines.question(question, { signal });
  } finally {
    lines.close();
  }
}

function stopOnSignals(program: NodeJS.Process, stop: AbortController): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    program.on(signal, () => {
      const exitCode = 128 + constants.signals[signal];
      if (stop.signal.aborted) program.exit(exitCode);
      stop.abort(new StopReason('interrupted', exitCode));
    });
  }
}

function closedReason(error: NodeJS.ErrnoException): StopReason {
  if (error.code === 'EPIPE') return new StopReason('nobody reads the output any more', 0);
  return new StopReason(`cannot write the output: ${error.message}`, 2, { cause: error });
}
