import { mkdtempSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { inject } from 'vitest';
import { parseConfiguration } from '../../infra/settings/parse-configuration.ts';
import { UploadLedgerStack } from '../../infra/stack.ts';

const { context } = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8'));

/** An app with the project's feature flags that bundles nothing: the template does not depend on the code. */
export function appWithoutBundles({ isValidated = false } = {}): App {
  return temporaryApp({ ...context, 'aws:cdk:bundling-stacks': [] }, isValidated);
}

/** The template of a stack with these settings. */
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

/**
 * An app whose output is removed after all tests. By default the CDK would leave it in the temporary folder.
 *
 * @param context Settings and feature flags.
 * @param isValidated Whether CloudFormation's rules are asked too. To load them takes seconds.
 */
export function temporaryApp(context: Readonly<Record<string, unknown>> = {}, isValidated = false): App {
  const outdir = mkdtempSync(path.join(inject('scratchDirectory'), 'app-'));
  return new App({ context, outdir, builtinCloudFormationValidation: isValidated });
}
