import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

/** Where the consumer waits, while it loads, for the part of the code that only stacks with email have. */
const WAITS = /\(await import\('\.\/open-email\.ts'\)\)\.openEmail\(([^;]*)\);/;
const FINISHES = 'return finish(';

/**
 * Writes the consumer as one writes it for a CommonJS bundle, which has no `await` at the top of a module: the part for email is a
 * promise that the handler waits for. A function without email, which is what is measured, does nothing more than before.
 */
export const withoutTopLevelAwait: Plugin = {
  name: 'without-top-level-await',
  setup(build) {
    build.onLoad({ filter: /[\\/]consumer\.lambda\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      if (!WAITS.test(source) || !source.includes(FINISHES)) {
        throw new Error(`Expected ${path} to wait for open-email.ts as it did; adapt this substitution.`);
      }
      const contents = source
        .replace(WAITS, `import('./open-email.ts').then(({ openEmail }) => openEmail($1));`)
        .replace(FINISHES, 'return (await finish)(');
      return { contents, loader: 'ts' };
    });
  },
};
