import path from 'node:path';
import { type BuildOptions, build, type Metafile } from 'esbuild';
import { ENTRY } from './entry.ts';
import { lazyCopies } from './lazy-copies.ts';
import { slimming } from './slimming.ts';

export { ENTRY };

const OPTIONS = {
  // Names of chunks are hashes over paths too: relative to the project, wherever the checkout stands.
  absWorkingDir: path.resolve(import.meta.dirname, '../..'),
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
    bowser: './infra/bundle/no-bowser.ts',
    'node:http': './infra/bundle/node-http.ts',
  },
  plugins: [lazyCopies, slimming],
  metafile: true,
  logLevel: 'silent',
} as const satisfies BuildOptions;

/**
 * Bundles the consumer and gives esbuild's account of it.
 *
 * @throws esbuild's `BuildFailure` when the sources do not bundle.
 */
export async function buildConsumer(outputDirectory: string): Promise<Metafile> {
  const { metafile } = await build({ ...OPTIONS, outdir: outputDirectory });
  return metafile;
}
