import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { type FunctionBundleReport, toBundleReport } from './bundle-report.ts';

/**
 * The functions: the name of each entry in its output, and its source. No dot in a name: Lambda's Node runtime takes the
 * first dot of a handler for the end of the file's name, and would look for the export `lambda.handler` of a file
 * `consumer`.
 */
export const FUNCTIONS = {
  consumer: { source: 'src/consumer/consumer.lambda.ts' },
  publisher: { source: 'src/publisher/publisher.lambda.ts' },
} as const;

export type FunctionName = keyof typeof FUNCTIONS;

/** What the function's `Handler` property must say for the bundle that {@link bundleFunction} writes. */
export function handlerOf(name: FunctionName): string {
  return `${name}.handler`;
}

/** esbuild's description of a build is about 1 MB. */
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/**
 * Bundles a function into `outputDirectory`, which should be empty or absent: its entry, such as `consumer.mjs`, and its
 * chunks, with nothing left outside but Node itself.
 *
 * The same sources and packages give the same bytes, wherever the checkout and the output are. Synchronous, because CDK
 * constructs cannot wait.
 *
 * @throws Error with esbuild's message when the sources do not bundle.
 */
export function bundleFunction(name: FunctionName, outputDirectory: string): FunctionBundleReport {
  const script = path.join(import.meta.dirname, 'build-function.ts');
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [script, name, path.resolve(outputDirectory)], {
    encoding: 'utf8',
    maxBuffer: MAX_OUTPUT_BYTES,
  });
  if (status !== 0) throw new Error(`The ${name} does not bundle: ${error?.message ?? stderr}`);
  return toBundleReport(JSON.parse(stdout), FUNCTIONS[name].source);
}
