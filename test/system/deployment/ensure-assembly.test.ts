import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { ensureAssembly } from '../../../src/local/assembly.ts';
import { readLocalResources } from '../../../src/local/template/template.ts';

let outputDirectory: string;

beforeEach(() => {
  outputDirectory = mkdtempSync(path.join(tmpdir(), 'upload-ledger-assemblies-'));
  onTestFinished(() => rmSync(outputDirectory, { recursive: true }));
});

describe('ensureAssembly', () => {
  it('gives everybody who asks at once the same complete assembly, and synthesizes it only once', async () => {
    const request = { outputDirectory, context: { batchSize: '7' } };
    const [one, other] = await Promise.all([ensureAssembly(request), ensureAssembly(request)]);
    expect(one).toBe(other);
    expect(readdirSync(outputDirectory)).toEqual([path.basename(one)]);
    const place = { region: 'eu-west-1', accountId: '000000000000', endpoint: 'http://127.0.0.1:1' };
    expect(readLocalResources({ ...place, assemblyDirectory: one }).eventSourceMappings[0]?.batchSize).toBe(7);

    // Were it synthesized again, the empty directory would be filled.
    for (const file of readdirSync(one)) rmSync(path.join(one, file), { recursive: true });
    expect(await ensureAssembly(request)).toBe(one);
    expect(readdirSync(one)).toEqual([]);
  });

  it('fails with the message of the CDK, and leaves nothing behind', async () => {
    const request = { outputDirectory, context: { batchSize: 'many' } };
    await expect(ensureAssembly(request)).rejects.toThrow(
      /cdk synth failed:\nThe configuration has an error:\n {2}batchSize = "many": must be a whole number/,
    );
    expect(readdirSync(outputDirectory)).toEqual([]);
  });
});
