import path from 'node:path';
import type { Subject } from '../build/subjects.ts';

/** How to start a measured process. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
}

const PYTHON_WORKER = path.join(import.meta.dirname, 'python_worker.py');

/** A process that stays: see `node-worker.ts`. @param options Flags for Node, such as those of its profiler. */
export function warmCommand({ entry, runtime }: Subject, runners: string, options: readonly string[] = []): Command {
  if (runtime === 'python') return { program: 'python3', args: [PYTHON_WORKER, entry] };
  return { program: process.execPath, args: [...options, path.join(runners, 'node-worker.mjs'), entry] };
}

/** A process for one invocation: see `cold-node.ts`. */
export function coldCommand({ entry, runtime }: Subject, runners: string, payload: string): Command {
  if (runtime === 'python') return { program: 'python3', args: [PYTHON_WORKER, entry, payload] };
  return { program: process.execPath, args: [path.join(runners, 'cold-node.mjs'), entry, payload] };
}
