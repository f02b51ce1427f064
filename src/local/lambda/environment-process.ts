import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../shared/clock.ts';
import { executionArguments, executionVariables, type FunctionSettings } from './function-settings.ts';
import type { ProcessEnd } from './invocation-outcome.ts';
import { OutputMarks } from './runtime-api.ts';

const RUNTIME_CLIENT = fileURLToPath(new URL('./runtime-client.ts', import.meta.url));

/** Windows can neither stop a process nor kill a group. */
const HAS_SIGNALS = process.platform !== 'win32';

/** Milliseconds to wait for output of a process that has ended, in case another process holds the pipe open. */
const OUTPUT_GRACE_MS = 1000;

/** Longest line handed on in one piece, in characters: CloudWatch Logs takes events of up to 1 MB. */
const MAX_LINE_LENGTH = 1_000_000;

interface EnvironmentProcessOptions {
  readonly settings: FunctionSettings;
  /** Host and port of the Runtime API. */
  readonly runtimeApi: string;
  readonly logStream: string;
  readonly guard: OrphanGuard;
  readonly onLine: (stream: 'stdout' | 'stderr', line: string) => void;
}

/** The process of one execution environment: a group that can be stopped, continued and killed. */
export class EnvironmentProcess {
  /** Settles when the process has ended and its output has been read. */
  readonly ended: Promise<ProcessEnd>;
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #marks = { stdout: new OutputMarks(), stderr: new OutputMarks() };
  #hasEnded = false;

  constructor({ settings, runtimeApi, logStream, guard, onLine }: EnvironmentProcessOptions) {
    this.#child = spawn(process.execPath, [...executionArguments(settings), RUNTIME_CLIENT], {
      cwd: settings.codeDirectory,
      env: executionVariables(settings, runtimeApi, logStream),
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: children of the function die with it, and Ctrl-C in the terminal does not reach it.
      detached: HAS_SIGNALS,
    });
    for (const stream of ['stdout', 'stderr'] as const) {
      const marks = this.#marks[stream];
      readLines(this.#child[stream], (line) => marks.take(line, (text) => onLine(stream, text)));
      this.#child[stream].once('close', () => marks.end());
    }
    this.ended = this.#watch(guard);
  }

  /** Settles when everything has been read that was written before the mark of this name, or the output has ended. */
  async outputRead(mark: string): Promise<void> {
    await Promise.all([this.#marks.stdout.seen(mark), this.#marks.stderr.seen(mark)]);
  }

  /** Takes the processor away, as Lambda does between invocations. */
  freeze(): void {
    if (HAS_SIGNALS) this.#signal('SIGSTOP');
  }

  thaw(): void {
    if (HAS_SIGNALS) this.#signal('SIGCONT');
  }

  kill(): void {
    this.#signal('SIGKILL');
  }

  #watch(guard: OrphanGuard): Promise<ProcessEnd> {
    const group = this.#child.pid;
    if (group !== undefined) guard.add(group);
    return new Promise((resolve) => {
      let end: ProcessEnd = { code: null, signal: null };
      this.#child.on('error', ({ message }) => resolve({ ...end, startError: message }));
      this.#child.on('close', () => resolve(end));
      this.#child.on('exit', (code, signal) => {
        end = { code, signal };
        this.kill();
        this.#hasEnded = true;
        if (group !== undefined) guard.remove(group);
        systemClock.timeout(OUTPUT_GRACE_MS).addEventListener('abort', () => resolve(end));
      });
    });
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined || this.#hasEnded) return;
    try {
      if (HAS_SIGNALS) process.kill(-pid, signal);
      else this.#child.kill(signal);
    } catch (error) {
      // The group has ended since, which macOS calls EPERM; `ended` settles.
      if (!['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
}

/** Calls `onLine` for each line of a stream of UTF-8 text, without its line end. The last line may lack one. */
function readLines(stream: Readable, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line.endsWith('\r') ? line.slice(0, -1) : line);
    if (rest.length > MAX_LINE_LENGTH) {
      onLine(rest);
      rest = '';
    }
  });
  stream.on('end', () => {
    if (rest !== '') onLine(rest);
  });
}

/**
 * Remembers the last line that it has read and, when its input ends, kills the process groups that the line names. Its
 * input ends when the process at the other end of the pipe ends, however that happens.
 */
const GUARD_SCRIPT =
  'live=; while read -r line; do live=$line; done; for group in $live; do kill -s KILL -- "-$group"; done';

/**
 * Makes sure that no execution environment outlives this process, even when this process is killed.
 *
 * A child in an endless loop, or one that is stopped between invocations, does not notice that its parent has ended. So
 * a small shell waits on a pipe and kills them then. Windows has neither this shell nor stopped processes: there an
 * environment ends itself when the Runtime API no longer answers.
 */
export class OrphanGuard {
  readonly #groups = new Set<number>();
  #shell: ChildProcess | undefined;

  /** @param group Id of a process group, the same as that of the process that leads it. */
  add(group: number): void {
    this.#groups.add(group);
    this.#update();
  }

  remove(group: number): void {
    this.#groups.delete(group);
    this.#update();
  }

  /** Ends the shell; groups still added are killed. */
  close(): void {
    this.#shell?.stdin?.end();
    this.#shell = undefined;
  }

  #update(): void {
    if (!HAS_SIGNALS) return;
    this.#shell ??= startGuardShell();
    this.#shell.stdin?.write(`${[...this.#groups].join(' ')}\n`);
  }
}

function startGuardShell(): ChildProcess {
  // A session of its own: Ctrl-C in the terminal must not end it before the processes that it guards.
  const shell = spawn('/bin/sh', ['-c', GUARD_SCRIPT], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    env: {},
  });
  // Without a guard, when it cannot start or was killed, there still are environments that end by themselves.
  shell.on('error', () => undefined);
  shell.stdin.on('error', () => undefined);
  shell.unref();
  // A pipe is a socket to Node, which the type does not say; open, it must not keep the process alive.
  (shell.stdin as unknown as { unref(): void }).unref();
  return shell;
}
