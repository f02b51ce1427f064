import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Command } from './command.ts';
import { type ColdReply, REPLIES } from './protocol.ts';

export interface ColdResult extends ColdReply {
  /** From before the process was started to its answer. */
  readonly wholeSeconds: number;
}

/**
 * Starts a process for one invocation and waits for its end.
 *
 * @throws Error with what it wrote when it does not answer.
 */
export async function runCold({ program, args }: Command, environment: NodeJS.ProcessEnv): Promise<ColdResult> {
  const start = performance.now();
  const child = spawn(program, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
  const replies = child.stdio[REPLIES] as Readable;
  const outputs = [replies, child.stdout, child.stderr] as Readable[];
  let wholeSeconds = Number.NaN;
  replies.once('data', () => {
    wholeSeconds = (performance.now() - start) / 1_000;
  });
  const closed = once(child, 'close');
  const [reply, ...logs] = await Promise.all(outputs.map((stream) => text(stream)));
  await closed;
  if (!reply) throw new Error(`Expected an answer from ${program} ${args.join(' ')}; got none. ${logs.join('\n')}`);
  return { ...(JSON.parse(reply) as ColdReply), wholeSeconds };
}
