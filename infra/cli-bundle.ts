import { chmod, readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';

const PROJECT = path.resolve(import.meta.dirname, '..');

/** Looks for the checkout from where it stands itself, bundled or not. */
const FINDS_ITSELF = path.join(PROJECT, 'src', 'cli', 'checkout.ts');

/**
 * Compiles the command line into `outputDirectory` as JavaScript: an entry, and chunks that load when a command needs them. Packages stay
 * in node_modules, the console's page is put together.
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

/** The console puts its page together when it starts, from sources that a package does not have: there, it holds what they gave. */
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
 * Lets bundled code find what stands beside its source (a page, the runtime client, the project itself): there, `import.meta` tells where
 * the source is. Every output stands in the output directory itself, so that one relative path fits all of them.
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
