import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { chmod, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import packageJson from '../../package.json' with { type: 'json' };
import { bundleFunction, FUNCTIONS, type FunctionName } from './function-bundle.ts';
import { packagesIn, writeLicenses } from './licenses.ts';

const PROJECT = path.resolve(import.meta.dirname, '../..');

const TYPESCRIPT = path.join(
  path.dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
  'bin/tsc',
);

/** Looks for the checkout from its own place, bundled or not. */
const FINDS_ITSELF = path.join(PROJECT, 'src', 'cli', 'checkout.ts');

/** What npm links to as `upload-ledger`. */
const ENTRY = 'upload-ledger.js';

/** The emulators of the local stack and what builds it, which only a checkout has. */
const OF_A_CHECKOUT = ['aws-cdk-lib', 'aws-ses-v2-local', 'constructs', 'dynalite', 'esbuild', 'fauxqs'];

/** CommonJS packages ask for Node's modules by `require`, which an ES module does not have. */
const REQUIRE = `import { createRequire as createRequireOf } from 'node:module';
const require = createRequireOf(import.meta.url);`;

const OPTIONS = {
  absWorkingDir: PROJECT,
  bundle: true,
  format: 'esm',
  platform: 'node',
  // Many packages have an ES module build, which can be tree-shaken, beside a CommonJS build, which cannot.
  mainFields: ['module', 'main'],
  legalComments: 'none',
  logLevel: 'silent',
  metafile: true,
} as const satisfies BuildOptions;

/**
 * Writes everything that the npm package has beside its documents into `directory` (`dist` of the package): the
 * construct and the client for applications, each as one file with its types, the functions' bundles, so that users
 * of the construct need no bundler and none of our sources, and the command line (`cli`). All that they need of other
 * packages is what applications have anyway: the CDK for the construct, AWS's SDK for the client.
 *
 * JavaScript, because Node strips no types from files in node_modules. Construct and client are written for Node 20.
 *
 * @throws Error with the compiler's message.
 */
export async function buildPackage(directory: string): Promise<void> {
  rmSync(directory, { recursive: true, force: true });
  writeTypes(directory);
  const library = await build({
    ...OPTIONS,
    entryPoints: { 'infra/package': 'infra/package.ts', 'src/client/client': 'src/client/client.ts' },
    outdir: directory,
    external: Object.keys(packageJson.peerDependencies),
    target: 'node20',
  });
  const reports = (Object.keys(FUNCTIONS) as FunctionName[]).map((name) =>
    bundleFunction(name, path.join(directory, name)),
  );
  const cli = await buildCli(path.join(directory, 'cli'));
  const ofFunctions = reports
    .flatMap(({ startupBytesByPackage }) => startupBytesByPackage)
    .map(({ packageName }) => `node_modules/${packageName}`)
    .filter(isFolder);
  // The page of the console draws with uPlot.
  const packages = [...packagesIn([library.metafile, cli.metafile]), ...ofFunctions, 'node_modules/uplot'];
  writeLicenses(path.join(directory, 'THIRD-PARTY-LICENSES.txt'), packages);
}

/** Whether it is a package, and not our own sources. */
function isFolder(folder: string): boolean {
  return existsSync(path.join(PROJECT, folder));
}

/** Writes the types of what the package exports, and those that they lead to. */
function writeTypes(directory: string): void {
  const project = path.join(PROJECT, 'infra', 'tsconfig.package.json');
  const { status, stdout, error } = spawnSync(
    process.execPath,
    [TYPESCRIPT, '--project', project, '--outDir', directory],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`The construct does not compile: ${error?.message ?? stdout}`);
  const kept = new Set<string>();
  for (const entry of ['infra/package.d.ts', 'src/client/client.d.ts']) typesFrom(path.join(directory, entry), kept);
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (entry.isFile() && !kept.has(file)) rmSync(file);
  }
}

/** Adds a file of types and those that it imports, directly or not. */
function typesFrom(file: string, found: Set<string>): void {
  if (found.has(file)) return;
  found.add(file);
  const imports = readFileSync(file, 'utf8').matchAll(/(?:from |import\()['"](\.[^'"]+)\.[jt]s['"]/g);
  for (const [, relative = ''] of imports) typesFrom(path.resolve(path.dirname(file), `${relative}.d.ts`), found);
}

/**
 * Bundles the command line into `outputDirectory`: an entry, and chunks that load when a command needs them. It needs no
 * other package, except for the local stack, which only a checkout can run. The console's page is included ready-made.
 *
 * @returns the path of the entry, which can be executed.
 * @throws esbuild's `BuildFailure` when the sources do not bundle.
 */
export async function bundleCli(outputDirectory: string): Promise<string> {
  await buildCli(outputDirectory);
  return path.join(outputDirectory, ENTRY);
}

async function buildCli(outputDirectory: string) {
  const built = await build({
    ...OPTIONS,
    entryPoints: { 'upload-ledger': 'src/cli/upload-ledger.ts' },
    outdir: outputDirectory,
    splitting: true,
    external: OF_A_CHECKOUT,
    target: 'node24',
    banner: { js: REQUIRE },
    // Beside the entry: see sourceLocations.
    chunkNames: '[name]-[hash]',
    plugins: [builtPage, builtCommit, sourceLocations(outputDirectory)],
  });
  await chmod(path.join(outputDirectory, ENTRY), 0o755);
  return built;
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

/** The bundle knows its commit: where it is installed, Git knows another one, or none. */
const builtCommit: Plugin = {
  name: 'built-commit',
  setup: ({ onLoad }) => {
    onLoad({ filter: /[\\/]src[\\/]cli[\\/]commit\.ts$/ }, async ({ path: file }) => {
      const { commit } = await import(pathToFileURL(file).href);
      return { contents: `export const commit = () => ${JSON.stringify(commit())};`, loader: 'js' };
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
