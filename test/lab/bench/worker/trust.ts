import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { BenchWorld } from '../bench-world.ts';

/**
 * Environment variables that make Node and botocore trust the stub's certificate, each beside the authorities that it
 * trusts anyway: what reading those takes belongs to a cold start.
 */
export function trust({ certificate, directory }: BenchWorld): NodeJS.ProcessEnv {
  if (certificate === undefined) return {};
  const bundle = path.join(directory, 'authorities.pem');
  const script = 'import botocore, os; print(os.path.join(os.path.dirname(botocore.__file__), "cacert.pem"))';
  const { status, stdout } = spawnSync('python3', ['-c', script], { encoding: 'utf8' });
  const authorities = status === 0 ? readFileSync(stdout.trim(), 'utf8') : '';
  writeFileSync(bundle, authorities + readFileSync(certificate.certificate, 'utf8'));
  return { NODE_EXTRA_CA_CERTS: certificate.certificate, AWS_CA_BUNDLE: bundle };
}
