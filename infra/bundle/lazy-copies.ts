import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { OnLoadArgs, Plugin } from 'esbuild';

/** Clients that are loaded when there is an email to send or metadata to read, and what they alone bring along. */
const LAZY =
  /[\\/]@aws-sdk[\\/](?:client-(?:ses|s3)|middleware-sdk-s3|signature-v4-multi-region|checksums)[\\/]dist-es[\\/]/;

/**
 * Modules of the SDK's core that those alone use, because they speak XML and not JSON and S3 has objects for bodies, and the barrels
 * through which they are imported.
 */
const COPIED = new RegExp(
  [
    String.raw`core/dist-es/submodules/\w+/index`,
    String.raw`core/dist-es/submodules/protocols/(?:query|xml|serde)/\w+`,
    'core/dist-es/submodules/protocols/(?:UnionSerde|writeKey|ConfigurableSerdeContext|extended-encode-uri-component|HttpBindingProtocol)',
    'core/dist-es/submodules/serde/(?:split-header|split-every|quote-header|parse-utils|schema-serde-lib/schema-date-utils)',
    String.raw`core/dist-es/submodules/serde/util-stream/(?:sdk-stream-mixin|getAwsChunkedEncodingStream|stream-collector\.browser)(?:\.browser)?`,
    String.raw`core/dist-es/submodules/serde/util-(?:base64|utf8)/(?:\w+\.browser|constants-for-browser)`,
    String.raw`core/dist-es/submodules/checksum/hash-stream-node/\w+`,
    'core/dist-es/submodules/httpAuthSchemes/aws_sdk/(?:index|AwsSdkSigV4ASigner|resolveAwsSdkSigV4AConfig)',
    'core/dist-es/submodules/client/smithy-client/get-value-from-text-node',
    String.raw`xml-builder/dist-es/[\w-]+`,
  ]
    .map((module) => `[\\\\/]${module.replaceAll('/', '[\\\\/]')}\\.js$`)
    .join('|'),
);

const SUFFIX = '?lazy';

/** Of imports inside a copy, and of resolutions that the plugin asks for itself. */
const INSIDE = Symbol('inside');
const ASKED = Symbol('asked');

/**
 * Keeps what those clients alone use out of what is read at start.
 *
 * esbuild reads a module at start when any barrel that is imported at start names it, whoever uses it. So they get copies of those
 * modules and of the barrels on the way to them. None of them keeps state or is asked for its class, and the originals, which
 * nobody uses then, are left out.
 */
export const lazyCopies: Plugin = {
  name: 'lazy-copies',
  setup(build) {
    build.onResolve({ filter: /^(?:@(?:aws-sdk|smithy)\/core\/|@aws-sdk\/xml-builder$|\.)/ }, async (args) => {
      const isLazy = args.pluginData === INSIDE || LAZY.test(args.importer);
      if (args.pluginData === ASKED || !isLazy) return undefined;
      const { importer, kind, resolveDir } = args;
      const resolved = await build.resolve(args.path, { importer, kind, resolveDir, pluginData: ASKED });
      return COPIED.test(resolved.path) ? { ...resolved, suffix: SUFFIX } : resolved;
    });
    build.onLoad({ filter: COPIED }, loadCopy);
  },
};

async function loadCopy({ path: file, suffix }: OnLoadArgs) {
  if (suffix !== SUFFIX) return undefined;
  return { contents: await readFile(file, 'utf8'), resolveDir: path.dirname(file), pluginData: INSIDE } as const;
}
