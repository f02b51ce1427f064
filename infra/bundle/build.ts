/**
 * Writes one part of `dist` anew: `node infra/bundle/build.ts [consumer|cli|package]`.
 *
 * `consumer`, the default, also prints what is in the bundle, and fails when it is over its budget.
 */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { checkBudget, renderBundleReport } from './bundle-report.ts';
import { bundleConsumer } from './consumer-bundle.ts';
import { buildPackage, bundleCli } from './package-build.ts';

const DIST = path.resolve(import.meta.dirname, '../../dist');

const [part = 'consumer'] = process.argv.slice(2);
switch (part) {
  case 'consumer':
    buildConsumer(emptied('consumer'));
    break;
  case 'cli':
    await bundleCli(emptied('cli'));
    break;
  case 'package':
    await buildPackage(DIST);
    break;
  default:
    throw new TypeError(`Expected consumer, cli or package; got ${part}.`);
}

function buildConsumer(directory: string): void {
  const report = bundleConsumer(directory);
  process.stdout.write(renderBundleReport(report));
  for (const issue of checkBudget(report)) {
    process.stderr.write(`${issue}\n`);
    process.exitCode = 1;
  }
}

function emptied(folder: string): string {
  const directory = path.join(DIST, folder);
  rmSync(directory, { recursive: true, force: true });
  return directory;
}
