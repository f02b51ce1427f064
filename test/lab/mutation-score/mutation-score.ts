/**
 * `npm run lab -- mutation-score [stage ...]`: mutates each stage in hundreds of small ways, and exits with 1 when fewer than 95 % of the mutants of
 * a stage fail a test. Installs Stryker beside this file when it is not there yet. Takes some minutes a stage.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { pureFiles } from './pure-files.ts';

const STAGES = ['notification', 'upload', 'ledger', 'digest'] as const;
const HERE = import.meta.dirname;
const PROJECT = path.resolve(HERE, '../../..');
const STRYKER = path.join(HERE, 'node_modules/@stryker-mutator/core/bin/stryker.js');

const asked = process.argv.slice(2);
const unknown = asked.filter((stage) => !(STAGES as readonly string[]).includes(stage));
if (unknown.length > 0) {
  process.stderr.write(`Expected stages of ${STAGES.join(', ')}, got ${unknown.join(', ')}.\n`);
  process.exit(2);
}
if (!existsSync(STRYKER)) run('npm', ['ci', '--prefix', HERE], process.env);
const weak = (asked.length > 0 ? asked : STAGES).filter((stage) => {
  const config = path.join('test', 'lab', 'mutation-score', 'stryker.config.json');
  const args = [STRYKER, 'run', config, '--mutate', pureFiles(stage).join()];
  return run(process.execPath, args, { ...process.env, MUTATED_STAGE: stage }) !== 0;
});
if (weak.length > 0) process.stdout.write(`Not all is well with ${weak.join(', ')}: see above.\n`);
process.exitCode = weak.length > 0 ? 1 : 0;

function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv): number | null {
  const { status, error } = spawnSync(program, args, { cwd: PROJECT, env, stdio: 'inherit' });
  if (error !== undefined) throw error;
  return status;
}
