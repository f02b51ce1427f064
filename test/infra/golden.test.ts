import { readFileSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { expect, it } from 'vitest';
import { assemblyDirectory } from '../setup/assembly-directory.ts';
import { synthesized } from './synthesized.ts';
import { VARIANTS } from './variants.ts';

const GOLDEN = './golden/default.template.json';
const LINES = 1500;

/** The template as `cdk synth` wrote it, without what changes with the code or says where in the CDK a resource comes from. */
function normalised(): string {
  const template = JSON.parse(readFileSync(path.join(assemblyDirectory(), 'UploadLedger.template.json'), 'utf8'));
  for (const resource of Object.values<Record<string, unknown>>(template.Resources)) delete resource.Metadata;
  const text = JSON.stringify(template, null, 2);
  return `${text.replaceAll(/[0-9a-f]{64}(?=\.zip")/g, '<asset>')}\n`;
}

it('synthesizes the golden template (accept a new one with `npx vitest run test/infra/golden.test.ts -u`)', async () => {
  await expect(normalised()).toMatchFileSnapshot(GOLDEN);
});

/** Resources that the default stack does not have, or has otherwise. */
function difference(settings: Readonly<Record<string, string>>): string {
  const usual: Record<string, unknown> = synthesized().toJSON().Resources;
  const own: Record<string, { readonly Type: string }> = synthesized(settings).toJSON().Resources;
  const changed = Object.entries(own).filter(
    ([id, one]) => one.Type !== 'AWS::CloudWatch::Dashboard' && !isDeepStrictEqual(one, usual[id]),
  );
  const missing = Object.keys(usual).filter((id) => !(id in own));
  const text = JSON.stringify({ changed: Object.fromEntries(changed), missing }, null, 2);
  return `${text.replaceAll(/[0-9a-f]{64}(?=\.zip")/g, '<asset>')}\n`;
}

const DIFFERENT = [
  'owned bucket through EventBridge',
  'existing bucket',
  'existing bucket with notifications',
  'existing bucket under a key',
  'SNS topic with a filter',
  'owned bucket with events',
  'owned bucket with events of email',
  'owned bucket with webhooks',
] as const;

it.each(DIFFERENT)('differs from it as the golden file says with the %s', async (name) => {
  const file = `./golden/${name.toLowerCase().replaceAll(' ', '-')}.difference.json`;
  await expect(difference(VARIANTS[name])).toMatchFileSnapshot(file);
});

it('synthesizes a template that is small enough to read', () => {
  expect(normalised().split('\n').length).toBeLessThan(LINES);
});
