import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

const IMPORTS = /^import [^;]*;\n/gm;
const HANDLER = 'export async function handler(';

/**
 * Writes the consumer as one writes it for a CommonJS bundle, which has no `await` at the top of a module: what is
 * made at start is made by a function that begins at once, and for which the handler waits. Otherwise it does the
 * same as before, in the same order.
 */
export const withoutTopLevelAwait: Plugin = {
  name: 'without-top-level-await',
  setup(build) {
    build.onLoad({ filter: /[\\/]consumer\.lambda\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      if (!source.includes(HANDLER)) throw new Error(`Expected ${HANDLER} in ${path}; adapt this substitution.`);
      const imports = source.match(IMPORTS)?.join('') ?? '';
      const rest = source.replace(IMPORTS, '').replace(HANDLER, 'return async function handler(');
      const contents = `${imports}
        const loaded = (async () => { ${rest} })();
        export async function handler(event: SQSEvent, context: Context) {
          return (await loaded)(event, context);
        }`;
      return { contents, loader: 'ts' };
    });
  },
};
