import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { bundleCli } from '../../../infra/bundle/package-build.ts';
import { type StackFile, writeStackFile } from '../../../src/local/stack-file.ts';

const PROJECT = path.resolve(import.meta.dirname, '../../..');

export interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | null;
}

/** The built command in a checkout of its own, where it finds whatever local stack it is told of. */
export interface BuiltCli {
  readonly directory: string;
  /** Path of the program. */
  readonly entry: string;
  /** Says that a local stack runs here. */
  announce(stack: StackFile): Promise<void>;
  /** @param environment Over the path, which is all that it has otherwise. */
  start(args: readonly string[], environment?: Readonly<Record<string, string>>): ChildProcessWithoutNullStreams;
  run(...args: readonly string[]): Promise<Ended>;
  remove(): Promise<void>;
}

/** Builds the command, as `npm run build:cli` does, into a new directory. */
export async function buildCli(): Promise<BuiltCli> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'built-cli-'));
  await mkdir(path.join(directory, 'dist'));
  await writeFile(path.join(directory, 'package.json'), '{ "type": "module" }');
  // What makes it a checkout: "estimate" reads the stack as it would be deployed.
  for (const part of ['node_modules', 'infra', 'cdk.json'])
    await symlink(path.join(PROJECT, part), path.join(directory, part));
  const entry = await bundleCli(path.join(directory, 'dist', 'cli'));
  const start: BuiltCli['start'] = (args, environment = {}) =>
    spawn(process.execPath, [entry, ...args], { env: { PATH: process.env.PATH, ...environment }, cwd: directory });
  return {
    directory,
    entry,
    announce: (stack) => writeStackFile(directory, stack),
    start,
    run: async (...args) => ended(start(args)),
    remove: () => rm(directory, { recursive: true }),
  };
}

/** All that a process writes, and how it ends. */
export async function ended(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { stdout, stderr, exitCode };
}
