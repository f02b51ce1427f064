import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { OrphanGuard } from './execution-environment-guard.ts';
import { readLines } from './execution-environment-lines.ts';
import { OutputMarks } from './execution-environment-marks.ts';
import type { ProcessEnd } from './execution-environment-outcome.ts';
import type { FunctionSettings } from './execution-environment-settings.ts';
import { executionArguments, executionVariables } from './execution-environment-variables.ts';

const RUNTIME_CLIENT = fileURLToPath(new URL('./runtime-client.ts', import.meta.url));

/** Windows can neither stop a process nor kill a group. */
const HAS_SIGNALS = process.platform !== 'win32';

/** Milliseconds to wait for output of a process that has ended, in case another holds the pipe open. */
const OUTPUT_GRACE_MS = 1000;

export interface EnvironmentProcessOptions {
  readonly settings: FunctionSettings;
  /** Host and port of the Runtime API. */
  readonly runtimeApi: string;
  readonly logStream: string;
  readonly guard: OrphanGuard;
  readonly onLine: (stream: 'stdout' | 'stderr', line: string) => void;
}

/** The operating system's side of one execution environment: a process group that can be stopped, continued and killed. */
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
      this.#child.on('error', ({ message }) => resolve({ ...end, fault: message }));
      this.#child.on('close', () => resolve(end));
      this.#child.on('exit', (code, signal) => {
        end = { code, signal };
        this.kill();
        this.#hasEnded = true;
        if (group !== undefined) guard.remove(group);
        setTimeout(() => resolve(end), OUTPUT_GRACE_MS).unref();
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
      // The group has ended since, which macOS calls EPERM; `ended` tells.
      if (!['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
}
