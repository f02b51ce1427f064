import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import type { LocalResources } from '../../../src/local/template/resources.ts';
import { readLocalResources, type TemplateRequest } from '../../../src/local/template/template.ts';

export interface Declared {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly Condition?: string;
}

export interface StackFixture {
  readonly resources?: Readonly<Record<string, Declared>>;
  readonly outputs?: Readonly<Record<string, { readonly Value: unknown }>>;
  /** Further sections of the template. */
  readonly sections?: Readonly<Record<string, unknown>>;
}

/** A directory as `cdk synth` writes it, with the given stacks and one asset, `code.zip`; gone after the test. */
export function writeAssembly(stacks: Readonly<Record<string, StackFixture>>): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'upload-ledger-assembly-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  mkdirSync(path.join(directory, 'asset.code'));
  const artifacts: Record<string, unknown> = {};
  for (const [name, { resources = {}, outputs = {}, sections = {} }] of Object.entries(stacks)) {
    const properties = { templateFile: `${name}.template.json` };
    artifacts[name] = { type: 'aws:cloudformation:stack', properties };
    writeJson(path.join(directory, properties.templateFile), { Resources: resources, Outputs: outputs, ...sections });
  }
  artifacts.assets = { type: 'cdk:asset-manifest', properties: { file: 'assets.json' } };
  writeJson(path.join(directory, 'assets.json'), {
    files: { code: { source: { path: 'asset.code' }, destinations: { here: { objectKey: 'code.zip' } } } },
  });
  writeJson(path.join(directory, 'manifest.json'), { artifacts });
  return directory;
}

/** What the local stack makes of one stack, `Stack` in eu-west-1, account 123456789012. */
export function read(fixture: StackFixture, request: Partial<TemplateRequest> = {}): LocalResources {
  return readLocalResources({
    assemblyDirectory: writeAssembly({ Stack: fixture }),
    region: 'eu-west-1',
    accountId: '123456789012',
    endpoint: 'http://127.0.0.1:4566',
    ...request,
  });
}

/** The resolved value of an output. */
export function resolved(Value: unknown, resources: Readonly<Record<string, Declared>> = {}): string | undefined {
  return read({ resources, outputs: { Value: { Value } } }).outputs.Value;
}

export const QUEUE = 'AWS::SQS::Queue';
export const BUCKET = 'AWS::S3::Bucket';
export const FUNCTION = 'AWS::Lambda::Function';
export const MAPPING = 'AWS::Lambda::EventSourceMapping';
export const TABLE = 'AWS::DynamoDB::GlobalTable';

/** A function of the fixture's asset. */
export const CODE: Declared = {
  Type: FUNCTION,
  Properties: { Code: { S3Bucket: 'assets', S3Key: 'code.zip' }, Handler: 'file.handler', Runtime: 'nodejs24.x' },
};

function writeJson(file: string, content: unknown): void {
  writeFileSync(file, JSON.stringify(content));
}
