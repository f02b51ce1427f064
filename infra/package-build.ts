import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { bundleCli } from './cli-bundle.ts';
import { bundleConsumer } from './consumer-bundle.ts';

const TYPESCRIPT = path.join(
  path.dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
  'bin/tsc',
);

/**
 * Writes everything that the package holds beside its texts into `directory` (`dist` of the package): the construct as JavaScript with its
 * types (`infra`, `src/contract`), the function's bundle (`consumer`), so that whoever uses the construct needs no bundler and none of our
 * sources, and the command line (`cli`).
 *
 * Node strips no types from what stands in node_modules: hence the JavaScript. It is written for Node 20 and keeps one file a source.
 *
 * @throws Error with what the compiler said.
 */
export async function buildPackage(directory: string): Promise<void> {
  rmSync(directory, { recursive: true, force: true });
  const project = path.join(import.meta.dirname, 'tsconfig.package.json');
  const { status, stdout, error } = spawnSync(
    process.execPath,
    [TYPESCRIPT, '--project', project, '--outDir', directory],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`The construct does not compile: ${error?.message ?? stdout}`);
  bundleConsumer(path.join(directory, 'consumer'));
  await bundleCli(path.join(directory, 'cli'));
}
