import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, statSync } from 'node:fs';
import { createInterface, type Interface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Command } from './command.ts';
import { REPLIES, type RunReply } from './protocol.ts';

export interface RunResult extends RunReply {
  /** What the handler wrote to standard output and standard error. */
  readonly logBytes: number;
}

/**
 * A warm execution environment in a process of its own. What its handler logs goes to a file: a write to it costs the
 * process about what Lambda's pipe costs, and nobody else the time to read it.
 */
export class Worker implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #replies: AsyncIterator<string>;
  readonly #log: string;
  readonly #closed: Promise<unknown>;

  constructor({ program, args }: Command, environment: NodeJS.ProcessEnv, log: string) {
    this.#log = log;
    const descriptor = openSync(log, 'a');
    this.#process = spawn(program, args, { env: environment, stdio: ['pipe', descriptor, descriptor, 'pipe'] });
    closeSync(descriptor);
    this.#closed = once(this.#process, 'close');
    const lines: Interface = createInterface(this.#process.stdio[REPLIES] as Readable);
    this.#replies = lines[Symbol.asyncIterator]();
  }

  /**
   * Invokes the handler `batches` times with the event in `payload`.
   *
   * @throws Error when the process has died; its log says why.
   */
  async run(payload: string, batches: number): Promise<RunResult> {
    const logged = statSync(this.#log).size;
    this.#process.stdin?.write(`${JSON.stringify({ payload, batches })}\n`);
    const { value, done } = await this.#replies.next();
    if (done === true)
      throw new Error(`Expected an answer from ${this.#process.spawnargs.join(' ')}; see ${this.#log}.`);
    return { ...(JSON.parse(value) as RunReply), logBytes: statSync(this.#log).size - logged };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.stdin?.end();
    await this.#closed;
  }
}
