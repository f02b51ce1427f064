import { type ChildProcess, spawn } from 'node:child_process';

/**
 * Remembers the last line that it has read and, when its input ends, kills the process groups that the line names. Its
 * input ends when the process at the other end of the pipe ends, however that happens.
 */
const SCRIPT = 'live=; while read -r line; do live=$line; done; for group in $live; do kill -s KILL -- "-$group"; done';

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
    if (process.platform === 'win32') return;
    this.#shell ??= startShell();
    this.#shell.stdin?.write(`${[...this.#groups].join(' ')}\n`);
  }
}

function startShell(): ChildProcess {
  // A session of its own: Ctrl-C in the terminal must not end it before the processes that it guards.
  const shell = spawn('/bin/sh', ['-c', SCRIPT], {
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
