import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';

const PROJECT = path.resolve(import.meta.dirname, '../../..');

/** Loaded into every Node process of a command: records and refuses every connection. */
const NO_NETWORK = `
const { appendFileSync } = require('node:fs');
require('node:net').Socket.prototype.connect = function (...to) {
  const [{ host, path }] = to.flat();
  appendFileSync(process.env.CONNECTIONS, process.argv[1] + ' to ' + (host ?? path) + '\\n');
  throw new Error('no network in this test');
};
`;

export interface CdkRun {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Where `cdk synth` wrote. */
  readonly output: string;
  /** One line for each attempt to connect. */
  readonly connections: readonly string[];
}

/** Runs `cdk synth` without AWS credentials, personal settings and network. */
export async function cdkSynth(...options: readonly string[]): Promise<CdkRun> {
  const home = mkdtempSync(path.join(tmpdir(), 'upload-ledger-cdk-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const file = (name: string) => path.join(home, name);
  writeFileSync(file('no-network.cjs'), NO_NETWORK);
  const output = file('cdk.out');
  const cli = path.join(PROJECT, 'node_modules/aws-cdk/bin/cdk');
  const child = spawn(process.execPath, [cli, 'synth', '--quiet', '--output', output, ...options], {
    cwd: PROJECT,
    env: {
      HOME: home,
      PATH: [path.dirname(process.execPath), '/usr/bin', '/bin'].join(path.delimiter),
      NODE_OPTIONS: `--require=${file('no-network.cjs')}`,
      CONNECTIONS: file('connections'),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr] = [read(child.stdout), read(child.stderr)];
  const exitCode = await new Promise<number | null>((resolve, reject) =>
    child.on('error', reject).on('close', resolve),
  );
  const connections = existsSync(file('connections'))
    ? readFileSync(file('connections'), 'utf8').trim().split('\n')
    : [];
  return { exitCode, stdout: stdout.join(''), stderr: stderr.join(''), output, connections };
}

function read(stream: NodeJS.ReadableStream): string[] {
  const parts: string[] = [];
  stream.setEncoding('utf8').on('data', (part: string) => parts.push(part));
  return parts;
}
