import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { afterAll } from 'vitest';
import { parseConfiguration } from '../../infra/settings/parse-configuration.ts';
import { UploadLedgerStack } from '../../infra/stack.ts';

const { context } = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8'));

/** An app with the project's feature flags that bundles nothing: what a template says does not depend on the code. */
export function appWithoutBundles(): App {
  return temporaryApp({ ...context, 'aws:cdk:bundling-stacks': [] });
}

/** The template that these settings make. */
export function synthesized(settings: Readonly<Record<string, unknown>> = {}): Template {
  return Template.fromStack(new UploadLedgerStack(appWithoutBundles(), parseConfiguration(settings)));
}

/** The only resource of a type. */
export function only(template: Template, type: string): { logicalId: string; resource: Record<string, unknown> } {
  const found = Object.entries(template.findResources(type));
  const [entry] = found;
  if (entry === undefined || found.length > 1) throw new Error(`expected one ${type}, found ${found.length}`);
  return { logicalId: entry[0], resource: entry[1] };
}

const outputs: string[] = [];

afterAll(() => {
  for (const output of outputs.splice(0)) rmSync(output, { recursive: true, force: true });
});

/** An app whose output is removed after the file's tests: without a directory of ours, the CDK makes one in the temp folder and leaves it. */
export function temporaryApp(context: Readonly<Record<string, unknown>> = {}): App {
  const outdir = mkdtempSync(path.join(tmpdir(), 'upload-ledger-app-'));
  outputs.push(outdir);
  return new App({ context, outdir });
}
