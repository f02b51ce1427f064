import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { OnLoadArgs, Plugin } from 'esbuild';

/** SES's client, which is loaded when there is an email to send. */
const SES = /[\\/]@aws-sdk[\\/]client-ses[\\/]dist-es[\\/]/;

/** Modules of the SDK's core that SES alone uses, because it speaks XML and not JSON, and the barrels through which they are imported. */
const COPIED =
  /[\\/]core[\\/]dist-es[\\/]submodules[\\/](?:\w+[\\/]index|protocols[\\/](?:query|xml|serde)[\\/]\w+|protocols[\\/](?:UnionSerde|writeKey|ConfigurableSerdeContext|extended-encode-uri-component)|serde[\\/](?:split-header|schema-serde-lib[\\/]schema-date-utils)|client[\\/]smithy-client[\\/]get-value-from-text-node)\.js$/;

const SUFFIX = '?ses';

/** Of imports inside a copy, and of resolutions that the plugin asks for itself. */
const INSIDE = Symbol('inside');
const ASKED = Symbol('asked');

/**
 * Keeps what SES alone uses out of what is read at start.
 *
 * esbuild reads a module at start when any barrel that is imported at start names it, whoever uses it. So SES gets copies of those
 * modules and of the barrels on the way to them. None of them keeps state or is asked for its class, and the originals, which
 * nobody uses then, are left out.
 */
export const lazyCopies: Plugin = {
  name: 'lazy-copies',
  setup(build) {
    build.onResolve({ filter: /^(?:@(?:aws-sdk|smithy)\/core\/|\.)/ }, async (args) => {
      const isSes = args.pluginData === INSIDE || SES.test(args.importer);
      if (args.pluginData === ASKED || !isSes) return undefined;
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
