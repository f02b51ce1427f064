import { type ChildProcess, spawn } from 'node:child_process';

/**
 * Remembers the last line it was given and, when its input ends, kills the process groups which that line names.
 * Its input ends when the process that holds the other end of the pipe ends, however that happens.
 */
const SCRIPT = 'live=; while read -r line; do live=$line; done; for group in $live; do kill -s KILL -- "-$group"; done';

/**
 * Makes sure that no execution environment outlives this process, even when it is killed outright.
 *
 * A child in the middle of an endless loop, or one that is stopped between invocations, notices nothing of its parent's
 * end. So a shell of a megabyte waits beside them on a pipe and kills them then. On Windows, which has neither shell nor
 * stopped processes, an environment only ends itself when the Runtime API no longer answers.
 */
export class OrphanGuard {
  readonly #groups = new Set<number>();
  #shell: ChildProcess | undefined;

  /** @param group Id of a process group, the same as that of the process that leads it. */
  add(group: number): void {
    this.#groups.add(group);
    this.#tell();
  }

  remove(group: number): void {
    this.#groups.delete(group);
    this.#tell();
  }

  /** Ends the shell; groups still added are killed. */
  close(): void {
    this.#shell?.stdin?.end();
    this.#shell = undefined;
  }

  #tell(): void {
    if (process.platform === 'win32') return;
    this.#shell ??= startShell();
    this.#shell.stdin?.write(`${[...this.#groups].join(' ')}\n`);
  }
}

function startShell(): ChildProcess {
  // A session of its own: Ctrl-C in the terminal must not end it before the processes that it looks after.
  const shell = spawn('/bin/sh', ['-c', SCRIPT], { stdio: ['pipe', 'ignore', 'ignore'], detached: true, env: {} });
  // A guard that cannot start, or was killed, leaves what there is without it: environments that end by themselves.
  shell.on('error', () => undefined);
  shell.stdin.on('error', () => undefined);
  shell.unref();
  // A pipe is a socket to Node, which the type does not say; open, it must not keep the process alive.
  (shell.stdin as unknown as { unref(): void }).unref();
  return shell;
}
