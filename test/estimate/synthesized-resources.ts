import { readFileSync } from 'node:fs';
import { contextSettings, parseConfiguration } from '../../infra/settings/parse-configuration.ts';
import { UploadLedgerStack } from '../../infra/stack.ts';
import type { TemplateResource } from '../../src/estimate/stack-facts.ts';
import { temporaryApp } from '../infra/synthesized.ts';

/**
 * The resources of the stack with these settings over those of cdk.json, synthesized in this process and without the bundle, which
 * changes no price.
 *
 * @throws ConfigurationError with every fault of the settings.
 */
export function synthesizedResources(settings: Readonly<Record<string, string>>): Record<string, TemplateResource> {
  const { context } = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8'));
  const app = temporaryApp({ ...context, 'aws:cdk:bundling-stacks': [] });
  const configuration = parseConfiguration({ ...contextSettings(context), ...settings });
  const { stackName } = new UploadLedgerStack(app, configuration);
  return app.synth().getStackByName(stackName).template.Resources;
}
