import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { VARIANTS } from '../../infra/variants.ts';
import { assemblyDirectory } from '../../setup/assembly-directory.ts';
import { CONTEXTS } from '../../setup/contexts.ts';
import { cdkSynth } from './cdk-command.ts';

const read = (directory: string, file: string) => readFileSync(path.join(directory, file), 'utf8');
const optionsFor = (settings: Readonly<Record<string, string>>) =>
  Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]);

describe('cdk synth', () => {
  it('works without credentials and network, and prints only what it bundles', async () => {
    const { exitCode, stdout, stderr, connections, output } = await cdkSynth();
    expect(connections).toEqual([]);
    expect(exitCode).toBe(0);
    expect(`${stdout}${stderr}`.trim()).toMatch(/^Bundling asset \S+\.\.\.$/);
    // Tests run stacks that were synthesized in another process and without the command line.
    for (const file of ['UploadLedger.template.json', 'UploadLedger.assets.json', 'manifest.json']) {
      expect(read(output, file), file).toBe(read(assemblyDirectory(), file));
    }
  });

  it('writes with settings what the tests run with them', async () => {
    const { output } = await cdkSynth(...optionsFor(CONTEXTS.emailAlarms));
    expect(read(output, 'UploadLedger.template.json')).toBe(
      read(assemblyDirectory('emailAlarms'), 'UploadLedger.template.json'),
    );
  });

  it.each(['two buckets', 'all options'] as const)('works offline for the variant with %s', async (name) => {
    const { exitCode, stderr, connections } = await cdkSynth(...optionsFor(VARIANTS[name]));
    expect(connections).toEqual([]);
    expect(exitCode, stderr).toBe(0);
  });

  it('ends with one clear message when a setting is wrong', async () => {
    const { exitCode, stdout, stderr } = await cdkSynth('-c', 'batchSize=-1');
    expect(exitCode).toBe(1);
    expect(stdout).toBe('');
    expect(stderr.trim().split('\n').filter(Boolean)).toEqual([
      'The configuration has an error:',
      '  batchSize = "-1": must be a whole number from 1 to 10,000',
      'Settings are in cdk.json under "context", or on the command line as -c key=value. There, separate a list of words by commas, and give all other lists and objects as JSON.',
      // The CDK's own words about the app.
      'node infra/app.ts: Subprocess exited with error 1',
    ]);
  });

  it('accepts settings on the command line, including the stack’s name', async () => {
    const { exitCode, output } = await cdkSynth(
      '-c',
      'stackName=Other',
      '-c',
      'batchSize=7',
      '-c',
      'batchWindowSeconds=0',
    );
    const { Resources } = JSON.parse(readFileSync(path.join(output, 'Other.template.json'), 'utf8'));
    expect(exitCode).toBe(0);
    const [mapping] = Object.values<{ Type: string; Properties: object }>(Resources).filter(
      ({ Type }) => Type === 'AWS::Lambda::EventSourceMapping',
    );
    expect(mapping?.Properties).toMatchObject({ BatchSize: 7, MaximumBatchingWindowInSeconds: 0 });
  });
});
