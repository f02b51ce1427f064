import { readFileSync } from 'node:fs';
import type { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { parseConfiguration } from '../../infra/parse-configuration.ts';
import { UploadLedgerStack } from '../../infra/upload-ledger-stack.ts';
import { temporaryApp } from './temporary-app.ts';

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
