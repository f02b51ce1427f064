import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { assemblyDirectory } from '../setup/assembly-directory.ts';

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

it('synthesizes a template that is small enough to read', () => {
  expect(normalised().split('\n').length).toBeLessThan(LINES);
});
