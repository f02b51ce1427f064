import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../shared/clock.ts';
import { executionArguments, executionVariables, type FunctionSettings } from './function-settings.ts';
import type { OrphanGuard } from './orphan-guard.ts';
import { MARK_SEPARATOR } from './runtime-api.ts';

const RUNTIME_CLIENT = fileURLToPath(new URL('./runtime-client.ts', import.meta.url));

/** Windows can neither stop a process nor kill a group. */
const HAS_SIGNALS = process.platform !== 'win32';

/** Milliseconds to wait for output of a process that has ended, in case another process holds the pipe open. */
const OUTPUT_GRACE_MS = 1000;

/** Longest line handed on in one piece, in characters: CloudWatch Logs takes events of up to 1 MB. */
const MAX_LINE_LENGTH = 1_000_000;

/** How a process ended: by its own exit code or by a signal. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why it never started. */
  readonly startError?: string;
}

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

/** Signals in Lambda's words. */
const SIGNALS: Partial<Record<NodeJS.Signals, string>> = {
  SIGKILL: 'killed',
  SIGABRT: 'aborted',
  SIGSEGV: 'segmentation fault',
  SIGTERM: 'terminated',
};

export function describeEnd({ code, signal, startError }: ProcessEnd): string {
  if (startError !== undefined) return `Runtime could not start: ${startError}`;
  if (signal !== null) return `Runtime exited with error: signal: ${SIGNALS[signal] ?? signal}`;
  return code === 0
    ? 'Runtime exited without providing a reason'
    : `Runtime exited with error: exit status ${code ?? 'unknown'}`;
}

/** Takes the runtime client's marks out of one stream of a function's output, and lets others wait for them. */
class OutputMarks {
  #last: string | undefined;
  #hasEnded = false;
  #waiting: { readonly mark: string; readonly resolve: () => void } | undefined;

  /** Hands on what the function wrote in this line, then notes the mark behind it. Either can be absent. */
  take(line: string, onText: (text: string) => void): void {
    const at = line.lastIndexOf(MARK_SEPARATOR);
    if (at !== 0) onText(at < 0 ? line : line.slice(0, at));
    if (at < 0) return;
    this.#last = line.slice(at + 1);
    if (this.#waiting?.mark === this.#last) this.#waiting.resolve();
  }

  /** The stream has ended: no mark will come any more. */
  end(): void {
    this.#hasEnded = true;
    this.#waiting?.resolve();
  }

  /** Settles when this mark is the last that was read, or the stream has ended. Only one caller may wait at a time. */
  seen(mark: string): Promise<void> {
    if (this.#hasEnded || this.#last === mark) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting = { mark, resolve };
    });
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
