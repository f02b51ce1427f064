import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { type ConsumerBundleReport, toBundleReport } from './bundle-report.ts';

/**
 * The entry's name in the output, and its source. No dot in the name: Lambda's Node runtime takes the first dot of a
 * handler for the end of the file's name, and would look for the export `lambda.handler` of a file `consumer`.
 */
export const ENTRY = { name: 'consumer', source: 'src/consumer/consumer.lambda.ts' } as const;

/** What the function's `Handler` property must say for the bundle that {@link bundleConsumer} writes. */
export const CONSUMER_HANDLER = `${ENTRY.name}.handler`;

/** esbuild's description of a build is about 1 MB. */
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/**
 * Bundles the consumer into `outputDirectory`, which should be empty or absent: `consumer.mjs` and its chunks, with
 * nothing left outside but Node itself.
 *
 * The same sources and packages give the same bytes, wherever the checkout and the output are. Synchronous, because CDK
 * constructs cannot wait.
 *
 * @throws Error with esbuild's message when the sources do not bundle.
 */
export function bundleConsumer(outputDirectory: string): ConsumerBundleReport {
  const script = path.join(import.meta.dirname, 'build-consumer.ts');
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [script, path.resolve(outputDirectory)], {
    encoding: 'utf8',
    maxBuffer: MAX_OUTPUT_BYTES,
  });
  if (status !== 0) throw new Error(`The consumer does not bundle: ${error?.message ?? stderr}`);
  return toBundleReport(JSON.parse(stdout), ENTRY.source);
}
