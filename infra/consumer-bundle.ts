import { fileURLToPath } from 'node:url';
import { type BuildOptions, buildSync } from 'esbuild';
import { type ConsumerBundleReport, toBundleReport } from './consumer-bundle-report.ts';

/** What the function's `Handler` property must say for the bundle that {@link bundleConsumer} writes. */
export const CONSUMER_HANDLER = 'consumer.lambda.handler';

const ENTRY = { name: 'consumer.lambda', source: 'src/consumer/consumer.lambda.ts' } as const;

const OPTIONS = {
  // Names of chunks are hashes over paths too: relative to the project, wherever the checkout stands.
  absWorkingDir: fileURLToPath(new URL('..', import.meta.url)),
  entryPoints: { [ENTRY.name]: ENTRY.source },
  bundle: true,
  splitting: true,
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  chunkNames: 'chunks/[name]-[hash]',
  platform: 'node',
  target: 'node24',
  // Many packages carry a CommonJS build, which cannot be shaken, beside ES modules: take the ES modules.
  mainFields: ['module', 'main'],
  minify: true,
  legalComments: 'none',
  alias: {
    '@aws-sdk/credential-provider-node': './infra/bundle/environment-credentials.ts',
    '@aws-sdk/endpoint-cache': './infra/bundle/no-endpoint-cache.ts',
    'node:http': './infra/bundle/node-http.ts',
  },
  metafile: true,
  logLevel: 'silent',
} as const satisfies BuildOptions;

/**
 * Bundles the consumer into `outputDirectory`, which should be empty or absent: `consumer.lambda.mjs` and its chunks, with
 * nothing left outside but Node itself.
 *
 * The same sources and packages give the same bytes, wherever the checkout and the output stand.
 *
 * @throws esbuild's `BuildFailure` when the sources do not bundle.
 */
export function bundleConsumer(outputDirectory: string): ConsumerBundleReport {
  const { metafile } = buildSync({ ...OPTIONS, outdir: outputDirectory });
  return toBundleReport(metafile, ENTRY.source);
}
