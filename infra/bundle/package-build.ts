import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { chmod, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { bundleConsumer } from './consumer-bundle.ts';

const PROJECT = path.resolve(import.meta.dirname, '../..');

const TYPESCRIPT = path.join(
  path.dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
  'bin/tsc',
);

/** Looks for the checkout from its own place, bundled or not. */
const FINDS_ITSELF = path.join(PROJECT, 'src', 'cli', 'context.ts');

/**
 * Writes everything that the npm package has beside its documents into `directory` (`dist` of the package): the
 * construct as JavaScript with its types (`infra`, `src/contract`), the function's bundle (`consumer`), so that
 * whoever uses the construct needs no bundler and none of our sources, and the command line (`cli`).
 *
 * JavaScript, because Node strips no types from files in node_modules. Written for Node 20, one file for each source.
 *
 * @throws Error with the compiler's message.
 */
export async function buildPackage(directory: string): Promise<void> {
  rmSync(directory, { recursive: true, force: true });
  const project = path.join(PROJECT, 'infra', 'tsconfig.package.json');
  const { status, stdout, error } = spawnSync(
    process.execPath,
    [TYPESCRIPT, '--project', project, '--outDir', directory],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`The construct does not compile: ${error?.message ?? stdout}`);
  bundleConsumer(path.join(directory, 'consumer'));
  await bundleCli(path.join(directory, 'cli'));
}

/**
 * Compiles the command line into `outputDirectory` as JavaScript: an entry, and chunks that load when a command needs
 * them. Packages stay in node_modules; the console's page is included ready-made.
 *
 * @returns the path of the entry, which can be executed.
 * @throws esbuild's `BuildFailure` when the sources do not bundle.
 */
export async function bundleCli(outputDirectory: string): Promise<string> {
  await build({
    absWorkingDir: PROJECT,
    entryPoints: { 'upload-ledger': 'src/cli/upload-ledger.ts' },
    outdir: outputDirectory,
    bundle: true,
    splitting: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // Beside the entry: see sourceLocations.
    chunkNames: '[name]-[hash]',
    legalComments: 'none',
    logLevel: 'silent',
    plugins: [builtPage, sourceLocations(outputDirectory)],
  });
  const entry = path.join(outputDirectory, 'upload-ledger.js');
  await chmod(entry, 0o755);
  return entry;
}

/**
 * The console puts its page together when it starts, from sources that a package does not have: there, the result is
 * included.
 */
const builtPage: Plugin = {
  name: 'built-page',
  setup: ({ onLoad }) => {
    onLoad({ filter: /[\\/]console[\\/]server[\\/]page-files\.ts$/ }, async ({ path: file }) => {
      const { VIEW_PATHS, readPageFiles } = await import(pathToFileURL(file).href);
      const files = JSON.stringify([...(await readPageFiles())]);
      const contents = `export const VIEW_PATHS = ${JSON.stringify(VIEW_PATHS)};
        export const readPageFiles = async () => new Map(${files});`;
      return { contents, loader: 'js' };
    });
  },
};

/**
 * Lets bundled code find the files beside its source (a page, the runtime client, the project itself): `import.meta`
 * says where the source is. Every output is in the output directory itself, so one relative path fits all of them.
 */
function sourceLocations(outputDirectory: string): Plugin {
  return {
    name: 'source-locations',
    setup: ({ onLoad }) => {
      onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, async ({ path: file }) => {
        const text = await readFile(file, 'utf8');
        if (file === FINDS_ITSELF || !text.includes('import.meta.')) return undefined;
        const relative = path.relative(outputDirectory, file).replaceAll(path.sep, '/');
        const url = `new URL(${JSON.stringify(relative)}, import.meta.url)`;
        const forms = { dirname: `fileURLToPathOf(new URL('.', ${url})).slice(0, -1)`, url: `${url}.href` };
        const located = text.replaceAll(
          /\bimport\.meta\.(dirname|url)\b/g,
          (_, form: 'dirname' | 'url') => forms[form],
        );
        const contents = `import { fileURLToPath as fileURLToPathOf } from 'node:url';\n${located}`;
        return { contents, loader: 'ts' };
      });
    },
  };
}
