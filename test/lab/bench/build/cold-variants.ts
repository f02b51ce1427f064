import { symlinkSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { FUNCTIONS } from '../../../../infra/bundle/function-bundle.ts';
import type { BenchWorld } from '../bench-world.ts';
import { CDK_DEFAULT, CDK_EXTERNAL } from './bundle-peer.ts';
import type { Subject } from './subjects.ts';
import { withoutTopLevelAwait } from './without-top-level-await.ts';

export type VariantName =
  | 'cdk-default'
  | 'cdk-external'
  | 'one-module'
  | 'split'
  | 'ours'
  | 'with-digests'
  | 'floor'
  | 'naive-python';

/** A way to deploy a function, of which the start is measured. */
export interface Variant {
  readonly name: VariantName;
  readonly title: string;
  readonly subject: Subject;
}

const ROOT = path.resolve(import.meta.dirname, '../../../..');
const SOURCE = path.join(ROOT, FUNCTIONS.consumer.source);
/** What packages in CommonJS need inside of an ES module. */
const REQUIRE = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`;
const MODULE = { ...CDK_DEFAULT, format: 'esm', minify: true, banner: { js: REQUIRE } } as const;
const COMMON_JS = { ...CDK_DEFAULT, plugins: [withoutTopLevelAwait], entryPoints: [SOURCE] };

/** Bundles our own source in the ways that people choose between, and puts the floor and Python beside them. */
export async function buildVariants(world: BenchWorld): Promise<readonly Variant[]> {
  const directory = path.join(world.directory, 'variants');
  const file = (name: string) => path.join(directory, name);
  const variant = (name: VariantName, title: string, entry: string): Variant => ({
    name,
    title,
    subject: { ...world.get('ours'), entry },
  });
  await build({ ...COMMON_JS, outfile: file('cdk-default.cjs') });
  await build({ ...COMMON_JS, external: CDK_EXTERNAL, outfile: file('cdk-external.cjs') });
  symlinkSync(path.join(ROOT, 'node_modules'), file('node_modules'));
  await build({ ...MODULE, entryPoints: [SOURCE], outfile: file('one-module.mjs') });
  await build({
    ...MODULE,
    splitting: true,
    mainFields: ['module', 'main'],
    entryPoints: { consumer: SOURCE },
    outdir: file('split'),
    outExtension: { '.js': '.mjs' },
  });
  const python = world.find('naive-python');
  return [
    variant('cdk-default', "CDK's default bundle", file('cdk-default.cjs')),
    variant('cdk-external', 'the same, SDK left outside', file('cdk-external.cjs')),
    variant('one-module', 'one minified ES module', file('one-module.mjs')),
    variant('split', 'split and minified, ES builds of packages', file('split/consumer.mjs')),
    variant('ours', 'upload-ledger', world.get('ours').entry),
    { name: 'with-digests', title: 'upload-ledger with digests', subject: world.get('with-digests') },
    { name: 'floor', title: 'Hand-signed floor', subject: world.get('floor') },
    ...(python === undefined ? [] : [{ name: 'naive-python', title: python.title, subject: python } as const]),
  ];
}
