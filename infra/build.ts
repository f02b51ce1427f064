/**
 * `npm run build`: bundles the consumer into `dist/consumer`, prints what is in it, and fails when it is over its budget.
 */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { budgetFaults, renderBundleReport } from './bundle/bundle-report.ts';
import { bundleConsumer } from './consumer-bundle.ts';

const DIRECTORY = path.resolve(import.meta.dirname, '../dist/consumer');

rmSync(DIRECTORY, { recursive: true, force: true });
const report = bundleConsumer(DIRECTORY);
process.stdout.write(renderBundleReport(report));
for (const fault of budgetFaults(report)) {
  process.stderr.write(`${fault}\n`);
  process.exitCode = 1;
}
