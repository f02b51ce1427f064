import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type PlainTemplate, writePlainTemplate } from '../../../infra/bundle/plain-template.ts';
import { parseConfiguration } from '../../../infra/settings/parse-configuration.ts';
import { planDemo } from '../../../src/cli/demo/plan.ts';
import { findProblems } from '../../../src/cli/demo/proof.ts';
import { runDemo } from '../../../src/cli/demo/run-demo.ts';
import { type LocalStack, startLocalStack } from '../../../src/local/stack.ts';

const STACK = 'PlainLedger';

let directory: string;
let plain: PlainTemplate;
let stack: LocalStack;

beforeAll(async () => {
  const { context } = JSON.parse(readFileSync(new URL('../../../cdk.json', import.meta.url), 'utf8'));
  directory = mkdtempSync(path.join(inject('scratchDirectory'), 'plain-'));
  plain = writePlainTemplate(directory, parseConfiguration({ stackName: STACK }), context);
  writeManifest();
  stack = await startLocalStack({
    assemblyDirectory: directory,
    parameters: { CodeBucket: 'code', CodePrefix: 'releases/' },
  });
});
afterAll(() => stack?.close());

/** Says where the template is, and where the files of the archives, as a deployment would have uploaded them. */
function writeManifest(): void {
  const files = Object.fromEntries(
    plain.archives.map((archive, at) => {
      const folder = `code-${at}`;
      unzip(readFileSync(path.join(directory, archive)), path.join(directory, folder));
      return [archive, { source: { path: folder }, destinations: { code: { objectKey: `releases/${archive}` } } }];
    }),
  );
  const artifacts = {
    [STACK]: { type: 'aws:cloudformation:stack', properties: { stackName: STACK, templateFile: plain.template } },
    code: { type: 'cdk:asset-manifest', properties: { file: 'code.json' } },
  };
  writeFileSync(path.join(directory, 'manifest.json'), JSON.stringify({ artifacts }));
  writeFileSync(path.join(directory, 'code.json'), JSON.stringify({ files }));
}

/** By the local headers, which follow one another in an archive of ours. */
function unzip(archive: Buffer, to: string): void {
  mkdirSync(to);
  for (let at = 0; archive.readUInt32LE(at) === 0x04034b50; ) {
    const nameEnd = at + 30 + archive.readUInt16LE(at + 26);
    const end = nameEnd + archive.readUInt32LE(at + 18);
    const name = archive.toString('utf8', at + 30, nameEnd);
    mkdirSync(path.dirname(path.join(to, name)), { recursive: true });
    writeFileSync(path.join(to, name), inflateRawSync(archive.subarray(nameEnd, end)));
    at = end;
  }
}

describe('the plain template with its archive', () => {
  it('runs as it is, and records every upload', async () => {
    const { summary } = await runDemo(stack, planDemo(40, 7));
    expect(findProblems(summary)).toEqual([]);
    expect(summary).toMatchObject({ uploaded: 40, recorded: 40, missing: 0 });
  });

  // Where cfn-lint is not installed, test/infra/bundle/plain-template.test.ts checks the structure.
  it.skipIf(spawnSync('cfn-lint', ['--version']).status !== 0)('has no error that cfn-lint finds', () => {
    const options = ['--non-zero-exit-code', 'error', plain.template];
    const { status, stdout } = spawnSync('cfn-lint', options, { cwd: directory, encoding: 'utf8' });
    expect({ status, errors: stdout.split('\n').filter((line) => line.startsWith('E')) }).toEqual({
      status: 0,
      errors: [],
    });
  });
});
