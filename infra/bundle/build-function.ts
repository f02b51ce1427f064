/**
 * Bundles a function with esbuild, in a process of its own because a CDK construct cannot wait for a promise:
 * `node build-function.ts NAME DIRECTORY` writes esbuild's description of the bundle to standard output.
 */
import path from 'node:path';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';
import { FUNCTIONS, type FunctionName } from './function-bundle.ts';

/** Whole packages that Lambda never needs, and a built-in module that takes long to import. */
const ALIASES = {
  '@aws-sdk/credential-provider-node': './infra/bundle/stand-ins.ts',
  '@aws-sdk/endpoint-cache': './infra/bundle/stand-ins.ts',
  'node:http': './infra/bundle/node-http.ts',
};

/**
 * The consumer's clients that are loaded when there is metadata to read or an email to send, bundled apart from the rest: esbuild
 * would put the parts of the SDK's core that only these two use (XML, streams) beside those that are read at every
 * start.
 */
const LAZY_CLIENTS = {
  's3-client': 'src/consumer/s3-client.ts',
  'ses-client': 'src/digest/email/ses-client.ts',
};

/** Leaves the imports of {@link LAZY_CLIENTS} to the files that are built of them, beside the entry. */
const lazyClients: Plugin = {
  name: 'lazy-clients',
  setup: ({ onResolve }) => {
    onResolve({ filter: /[\\/](?:s3|ses)-client\.ts$/ }, ({ path: file, kind }) =>
      kind === 'entry-point' ? undefined : { path: `./${path.basename(file, '.ts')}.mjs`, external: true },
    );
  },
};

const OPTIONS = {
  // Names of chunks are hashes over paths too: relative to the project, wherever the checkout is.
  absWorkingDir: path.resolve(import.meta.dirname, '../..'),
  bundle: true,
  splitting: true,
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  // Beside the entry, so that every file has the same path to the lazy clients.
  chunkNames: '[name]-[hash]',
  platform: 'node',
  target: 'node24',
  // Many packages have an ES module build, which can be tree-shaken, beside a CommonJS build, which cannot.
  mainFields: ['module', 'main'],
  minify: true,
  legalComments: 'none',
  alias: ALIASES,
  metafile: true,
  logLevel: 'silent',
} as const satisfies BuildOptions;

/**
 * Bundles the function.
 *
 * @throws esbuild's `BuildFailure` when the sources do not bundle.
 */
async function buildFunction(name: FunctionName, outdir: string): Promise<Metafile> {
  const lazy = name === 'consumer' ? LAZY_CLIENTS : {};
  const [entry, clients] = await Promise.all([
    build({
      ...OPTIONS,
      outdir,
      entryPoints: { [name]: FUNCTIONS[name].source },
      plugins: [lazyClients],
    }),
    build({ ...OPTIONS, outdir, entryPoints: lazy }),
  ]);
  return {
    inputs: { ...entry.metafile.inputs, ...clients.metafile.inputs },
    outputs: { ...entry.metafile.outputs, ...clients.metafile.outputs },
  };
}

const [name = '', outputDirectory] = process.argv.slice(2);
if (!(name in FUNCTIONS) || outputDirectory === undefined) {
  throw new TypeError('Expected the name of a function and the output directory as arguments.');
}
process.stdout.write(JSON.stringify(await buildFunction(name as FunctionName, outputDirectory)));
