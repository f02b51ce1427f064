import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { OnLoadResult, Plugin, PluginBuild } from 'esbuild';
import { withFixedConcurrency } from './fixed-concurrency.ts';
import { packMediaTypes } from './media-type-table.ts';
import { toPlainErrors } from './plain-errors.ts';

type Load = (file: string) => Promise<OnLoadResult> | OnLoadResult;

/** A module by the end of its path, and what stands in its place. */
interface Substitution {
  readonly module: string;
  readonly load: Load;
}

const code =
  (contents: string): Load =>
  () => ({ contents });

/**
 * What the consumer never runs, though it is imported statically, and what can be written shorter.
 *
 * Node has the hashes natively: the SDK's own in JavaScript stand by for platforms without, and the consumer's clients have one for their
 * signatures. They ask for the standard retry mode, and sign requests, not the messages of event streams. Lambda tells the Region by
 * environment variable; a function has no files of profiles under its home, and runs the version of Node that the stack names. Of its own
 * package.json a client reads the version. Powertools looks into the environment for every message and every value of a metric, for what
 * cannot change.
 */
const SUBSTITUTIONS: readonly Substitution[] = [
  {
    module: '@smithy/core/dist-es/submodules/checksum/sha256/Sha256Node.js',
    load: code('export const Sha256Node = undefined;'),
  },
  { module: '@smithy/core/dist-es/submodules/checksum/md5/Md5Js.js', load: code('export const Md5Js = undefined;') },
  {
    module: '@smithy/core/dist-es/submodules/checksum/crc32/Crc32Js.js',
    load: code('export const Crc32Js = undefined;'),
  },
  {
    module: '@smithy/core/dist-es/submodules/retry/util-retry/AdaptiveRetryStrategy.js',
    load: code(`export { StandardRetryStrategy as AdaptiveRetryStrategy } from './StandardRetryStrategy.js';`),
  },
  {
    module: '@smithy/signature-v4/dist-es/HeaderFormatter.js',
    load: code('export class HeaderFormatter {}'),
  },
  {
    module: '@smithy/core/dist-es/submodules/config/config-resolver/regionConfig/getInstanceMetadataRegion.js',
    load: code('export const getInstanceMetadataRegion = async () => undefined;'),
  },
  {
    module: '@smithy/core/dist-es/submodules/config/shared-ini-file-loader/loadSharedConfigFiles.js',
    load: code(`export { CONFIG_PREFIX_SEPARATOR } from './constants.js';
      export const loadSharedConfigFiles = async () => ({ configFile: {}, credentialsFile: {} });`),
  },
  {
    module: '@aws-sdk/core/dist-es/submodules/client/emitWarningIfUnsupportedVersion.js',
    load: code('export const state = {}; export const emitWarningIfUnsupportedVersion = () => {};'),
  },
  { module: '@aws-sdk/client-dynamodb/dist-es/models/errors.js', load: plainErrors },
  { module: '@aws-sdk/client-dynamodb/package.json', load: versionOnly },
  { module: '@aws-sdk/client-sqs/package.json', load: versionOnly },
  { module: '@aws-sdk/client-s3/package.json', load: versionOnly },
  { module: '@aws-lambda-powertools/commons/lib/esm/envUtils.js', load: fixedConcurrency },
  { module: 'mime/dist/types/standard.js', load: packedMediaTypes },
  { module: 'mime/dist/types/other.js', load: packedMediaTypes },
];

/** Puts {@link SUBSTITUTIONS} into effect, and fails the build when one of them finds nothing to replace. */
export const slimming: Plugin = {
  name: 'slimming',
  setup(build) {
    const unused = new Set(SUBSTITUTIONS.map(({ module }) => module));
    for (const { module, load } of SUBSTITUTIONS) {
      build.onLoad({ filter: endingWith(`/node_modules/${module}`) }, async ({ path: file }) => {
        unused.delete(module);
        return { loader: 'js', resolveDir: path.dirname(file), ...(await load(file)) };
      });
    }
    shareCommons(build);
    build.onEnd(() => ({
      errors: [...unused].map((module) => ({
        text: `Expected ${module} in the bundle, to replace it; it is not there. Take the substitution out, or correct its path.`,
      })),
    }));
  },
};

/** Paths that end in `text`, with the separators of any platform. */
function endingWith(text: string): RegExp {
  const [separator, literal] = ['[\\\\/]', text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')];
  return new RegExp(`${literal.replaceAll('/', separator)}$`);
}

async function versionOnly(file: string): Promise<OnLoadResult> {
  const { default: manifest } = await import(pathToFileURL(file).href, { with: { type: 'json' } });
  return { contents: JSON.stringify({ version: manifest.version }), loader: 'json' };
}

async function plainErrors(file: string): Promise<OnLoadResult> {
  return { contents: toPlainErrors(await readFile(file, 'utf8')) };
}

async function fixedConcurrency(file: string): Promise<OnLoadResult> {
  return { contents: withFixedConcurrency(await readFile(file, 'utf8')) };
}

async function packedMediaTypes(file: string): Promise<OnLoadResult> {
  const { default: table } = await import(pathToFileURL(file).href);
  const unpack = path.join(import.meta.dirname, 'media-type-table.ts');
  const contents = `import { unpackMediaTypes } from ${JSON.stringify(unpack)};
    export default unpackMediaTypes(${JSON.stringify(packMediaTypes(table))});`;
  return { contents };
}

const COMMONS = /^@aws-lambda-powertools\/commons(\/|$)/;
const METRICS = /(?<=[\\/]@aws-lambda-powertools[\\/])metrics(?=[\\/])/;

/** Powertools' logger and metrics each bring a copy of one version of their common package: both get the logger's. */
function shareCommons(build: PluginBuild): void {
  build.onResolve({ filter: COMMONS }, async ({ path: specifier, importer, kind, pluginData }) => {
    if (pluginData === COMMONS || !METRICS.test(importer)) return undefined;
    const resolveDir = path.dirname(importer.replace(METRICS, 'logger'));
    return build.resolve(specifier, { kind, resolveDir, pluginData: COMMONS });
  });
}
