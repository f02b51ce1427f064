import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { App } from 'aws-cdk-lib';
import { contextSettings, parseConfiguration } from '../../infra/settings/parse-configuration.ts';
import { UploadLedgerStack } from '../../infra/stack.ts';
import { assemblyFingerprint } from '../../src/local/assembly.ts';

const PROJECT = path.resolve(import.meta.dirname, '../..');

/** What the CDK command line tells every app. */
const COMMAND_LINE = { 'aws:cdk:enable-path-metadata': true, 'aws:cdk:enable-asset-metadata': true };

/** Where the apps of this process write, for each state of the sources. */
const outputs = new Map<string, string>();

/**
 * Writes the assembly that `cdk synth` would write with this context, but in this process: the CDK is loaded once for
 * any number of assemblies, and the function is bundled once. CloudFormation's rules are not asked.
 */
export function synthesizeHere(directory: string, context: Readonly<Record<string, string>>): void {
  const { context: project } = JSON.parse(readFileSync(path.join(PROJECT, 'cdk.json'), 'utf8'));
  const outdir = sharedOutput();
  const settings = { ...project, ...COMMAND_LINE, ...context };
  const app = new App({ outdir, context: settings, builtinCloudFormationValidation: false });
  new UploadLedgerStack(app, parseConfiguration(contextSettings(app.node.getAllContext())));
  app.synth();
  cpSync(outdir, directory, { recursive: true });
}

/** The CDK bundles an asset once for each folder that a process writes to. */
function sharedOutput(): string {
  const sources = assemblyFingerprint(PROJECT, {});
  const known = outputs.get(sources);
  if (known !== undefined) return known;
  const output = mkdtempSync(path.join(tmpdir(), 'upload-ledger-synthesis-'));
  process.once('exit', () => rmSync(output, { recursive: true, force: true }));
  outputs.set(sources, output);
  return output;
}
