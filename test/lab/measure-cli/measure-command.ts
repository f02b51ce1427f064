import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { BuiltCli } from '../../system/end-to-end/built-cli.ts';
import type { SyntheticServices } from './synthetic-services.ts';

const SAMPLER = path.resolve(import.meta.dirname, 'heap-sampler.ts');

export interface CommandMeasure {
  /** Heap in use at its greatest, right after a collection of all garbage, in bytes. */
  readonly heap: number;
  readonly rows: number;
  readonly exitCode: number | null;
  /** Requests that were answered before the first row was written, and in all. */
  readonly requestsBeforeRow: number;
  readonly requests: number;
  readonly seconds: number;
}

/** Runs the built command as a process of its own against `services`, with its output into a pipe. */
export async function measureCommand(
  cli: BuiltCli,
  services: SyntheticServices,
  args: readonly string[],
): Promise<CommandMeasure> {
  const heapFile = path.join(cli.directory, 'heap');
  const startedAt = performance.now();
  const before = services.requests();
  let requestsBeforeRow: number | undefined;
  let rows = 0;
  const child = spawn(process.execPath, ['--expose-gc', '--import', SAMPLER, cli.entry, ...args], {
    env: { PATH: process.env.PATH, HEAP_FILE: heapFile },
    cwd: cli.directory,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.stdout.on('data', (chunk: Buffer) => {
    requestsBeforeRow ??= services.requests() - before;
    for (const byte of chunk) if (byte === 10) rows += 1;
  });
  const [exitCode] = (await once(child, 'close')) as [number | null];
  const requests = services.requests() - before;
  return {
    heap: Number(await readFile(heapFile, 'utf8')),
    rows,
    exitCode,
    requestsBeforeRow: requestsBeforeRow ?? requests,
    requests,
    seconds: (performance.now() - startedAt) / 1000,
  };
}
