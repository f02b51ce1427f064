import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildSync } from 'esbuild';
import type { FunctionBundleReport } from '../../../../infra/bundle/bundle-report.ts';
import { bundleFunction } from '../../../../infra/bundle/function-bundle.ts';
import { EMAIL_SETTINGS_FILE } from '../../../../src/contract/email-settings.ts';
import { ENVIRONMENT } from '../../../../src/contract/environment.ts';
import { bundleByDefault } from './bundle-peer.ts';
import type { Subject } from './subjects.ts';

const PEERS = path.join(import.meta.dirname, '../peers');
const WORKERS = path.join(import.meta.dirname, '../worker');

/** Of a stack with digests. Such a function also stores a summary of each batch. */
const EMAIL_SETTINGS = { sender: 'ledger@example.com', digests: [], alerts: [], alertsPerMinute: 10 };

export interface Built {
  readonly subjects: readonly Subject[];
  readonly report: FunctionBundleReport;
  /** Directory of the programs that run handlers. */
  readonly runners: string;
}

/** Bundles every handler into `directory`: ours as it is deployed, the peers as CDK would by default. */
export function buildSubjects(directory: string): Built {
  const ours = path.join(directory, 'ours');
  const report = bundleFunction('consumer', ours);
  const settings = path.join(directory, EMAIL_SETTINGS_FILE);
  writeFileSync(settings, JSON.stringify(EMAIL_SETTINGS));
  const peer = (name: string, file: string, title: string): Subject => {
    const entry = path.join(directory, `${file}.cjs`);
    bundleByDefault(path.join(PEERS, `${file}.ts`), entry);
    return { name: name as Subject['name'], title, runtime: 'node', entry };
  };
  const subjects: Subject[] = [
    peer('naive', 'naive', 'Naive TypeScript'),
    peer('peer', 'powertools', 'Powertools + PutCommand'),
    peer('batch-peer', 'powertools-batch', 'Powertools + BatchWriteCommand'),
    peer('floor', 'hand-signed', 'Hand-signed floor'),
    { name: 'ours', title: 'upload-ledger', runtime: 'node', entry: entryOf(ours) },
    {
      name: 'with-digests',
      title: 'upload-ledger with digests',
      runtime: 'node',
      entry: entryOf(ours),
      environment: { [ENVIRONMENT.emailSettings]: settings },
    },
  ];
  if (hasBoto3()) {
    const entry = path.join(PEERS, 'naive.py');
    subjects.splice(1, 0, { name: 'naive-python', title: 'Naive Python (boto3)', runtime: 'python', entry });
  }
  return { subjects, report, runners: buildRunners(directory) };
}

/** The entry of a bundle of the consumer. */
export function entryOf(bundle: string): string {
  return path.join(bundle, 'consumer.mjs');
}

/** As JavaScript: stripping types would cost the measured processes time and memory. */
function buildRunners(directory: string): string {
  const outdir = path.join(directory, 'runners');
  mkdirSync(outdir, { recursive: true });
  const entryPoints = ['node-worker.ts', 'cold-node.ts'].map((file) => path.join(WORKERS, file));
  buildSync({ entryPoints, bundle: true, platform: 'node', format: 'esm', outExtension: { '.js': '.mjs' }, outdir });
  return outdir;
}

function hasBoto3(): boolean {
  return spawnSync('python3', ['-c', 'import boto3'], { stdio: 'ignore' }).status === 0;
}
