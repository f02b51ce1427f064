import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { App, DefaultStackSynthesizer, type IReusableStackSynthesizer } from 'aws-cdk-lib';
import type { CloudFormationStackArtifact } from 'aws-cdk-lib/cx-api';
import type { StackConfiguration } from '../settings/configuration.ts';
import { UploadLedgerStack } from '../stack.ts';
import { toZip } from './zip.ts';

/** The parameters of the plain template: where the code is, and nothing else. */
const PARAMETERS = {
  CodeBucket: { Type: 'String', Description: 'Bucket of this Region that holds the code' },
  CodePrefix: { Type: 'String', Default: '', Description: 'What is before the name of the zip file in that bucket' },
} as const;

interface FunctionCode {
  S3Bucket?: unknown;
  S3Key?: unknown;
}

interface Template {
  Parameters?: object;
  readonly Resources: Readonly<
    Record<string, { readonly Type: string; readonly Properties?: { readonly Code?: FunctionCode } }>
  >;
}

/** Names of the files that were written. */
export interface PlainTemplate {
  readonly template: string;
  /** The code of the functions. */
  readonly archives: readonly string[];
}

/**
 * Writes the stack as a CloudFormation template that needs neither the CDK nor its bootstrap stack, and the functions'
 * code as zip files, into `directory`.
 *
 * @param context Feature flags of the CDK.
 */
export function writePlainTemplate(
  directory: string,
  configuration: StackConfiguration,
  context: Readonly<Record<string, unknown>>,
): PlainTemplate {
  const outdir = mkdtempSync(path.join(tmpdir(), 'upload-ledger-template-'));
  try {
    const synthesizer = new DefaultStackSynthesizer({ generateBootstrapVersionRule: false });
    // The CDK's own types disagree about optional properties.
    const defaultStackSynthesizer = synthesizer as IReusableStackSynthesizer;
    const app = new App({ outdir, context, defaultStackSynthesizer });
    const { stackName } = new UploadLedgerStack(app, configuration);
    const artifact = app.synth().getStackByName(stackName);
    const template: Template = artifact.template;
    const directories = assetDirectories(artifact);
    template.Parameters = { ...template.Parameters, ...PARAMETERS };
    const keys = Object.values(template.Resources).flatMap(({ Properties }) => takeFromParameters(Properties?.Code));
    mkdirSync(directory, { recursive: true });
    const archives = [...new Set(keys)];
    for (const key of archives) writeFileSync(path.join(directory, key), zipOf(directories.get(key) ?? ''));
    const name = `${stackName}.template.json`;
    // Not indented: inline, CloudFormation takes 51,200 bytes.
    writeFileSync(path.join(directory, name), JSON.stringify(template));
    return { template: name, archives };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** Lets a function's code be where the parameters say. @returns the names of its file, if it has one. */
function takeFromParameters(code: FunctionCode = {}): string[] {
  if (typeof code.S3Key !== 'string') return [];
  const key = code.S3Key;
  code.S3Bucket = { Ref: 'CodeBucket' };
  code.S3Key = { 'Fn::Sub': `\${CodePrefix}${key}` };
  return [key];
}

/** The directories of the assets by the names of their zip files. */
function assetDirectories({ assembly, dependencies }: CloudFormationStackArtifact): Map<string, string> {
  const manifests = dependencies.flatMap((one) => ('contents' in one ? [one.contents] : []));
  const files = manifests.flatMap((manifest) => Object.entries((manifest as AssetManifest).files ?? {}));
  return new Map(files.map(([hash, { source }]) => [`${hash}.zip`, path.join(assembly.directory, source.path)]));
}

interface AssetManifest {
  readonly files?: Readonly<Record<string, { readonly source: { readonly path: string } }>>;
}

function zipOf(directory: string): Buffer {
  const names = globSync('**/*', { cwd: directory, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(directory, path.join(entry.parentPath, entry.name)))
    .sort();
  return toZip(Object.fromEntries(names.map((name) => [name, readFileSync(path.join(directory, name))])));
}
