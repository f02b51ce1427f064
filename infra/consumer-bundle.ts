import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { type ConsumerBundleReport, toBundleReport } from './bundle/bundle-report.ts';
import { ENTRY } from './bundle/entry.ts';

/** What the function's `Handler` property must say for the bundle that {@link bundleConsumer} writes. */
export const CONSUMER_HANDLER = `${ENTRY.name}.handler`;

/** esbuild's account of a build is about 1 MB. */
const ACCOUNT_BYTES = 64 * 1024 * 1024;

/**
 * Bundles the consumer into `outputDirectory`, which should be empty or absent: `consumer.mjs` and its chunks, with
 * nothing left outside but Node itself.
 *
 * The same sources and packages give the same bytes, wherever the checkout and the output stand. Synchronous, because CDK constructs
 * cannot wait.
 *
 * @throws Error with what esbuild said when the sources do not bundle.
 */
export function bundleConsumer(outputDirectory: string): ConsumerBundleReport {
  const script = path.join(import.meta.dirname, 'bundle/build-consumer-process.ts');
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [script, path.resolve(outputDirectory)], {
    encoding: 'utf8',
    maxBuffer: ACCOUNT_BYTES,
  });
  if (status !== 0) throw new Error(`The consumer does not bundle: ${error?.message ?? stderr}`);
  return toBundleReport(JSON.parse(stdout), ENTRY.source);
}
