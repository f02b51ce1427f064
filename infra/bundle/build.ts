/**
 * Writes one part of `dist` anew: `node infra/bundle/build.ts [functions|cli|package]`.
 *
 * `functions`, the default, also prints what is in each bundle, and fails when one is over its budget.
 */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { BUNDLE_BUDGETS, checkBudget, renderBundleReport } from './bundle-report.ts';
import { bundleFunction, FUNCTIONS, type FunctionName } from './function-bundle.ts';
import { buildPackage, bundleCli } from './package-build.ts';

const DIST = path.resolve(import.meta.dirname, '../../dist');

const [part = 'functions'] = process.argv.slice(2);
switch (part) {
  case 'functions':
    for (const name of Object.keys(FUNCTIONS) as FunctionName[]) buildFunction(name);
    break;
  case 'cli':
    await bundleCli(emptied('cli'));
    break;
  case 'package':
    await buildPackage(DIST);
    break;
  default:
    throw new TypeError(`Expected functions, cli or package; got ${part}.`);
}

function buildFunction(name: FunctionName): void {
  const report = bundleFunction(name, emptied(name));
  process.stdout.write(`${name}\n${renderBundleReport(report)}\n`);
  for (const issue of checkBudget(report, BUNDLE_BUDGETS[name])) {
    process.stderr.write(`${name}: ${issue}\n`);
    process.exitCode = 1;
  }
}

function emptied(folder: string): string {
  const directory = path.join(DIST, folder);
  rmSync(directory, { recursive: true, force: true });
  return directory;
}
