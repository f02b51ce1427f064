import { createHash } from 'node:crypto';
import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { SETTINGS_METADATA } from '../src/contract/outputs.ts';
import type { StackConfiguration } from './settings/configuration.ts';
import { parseConfiguration } from './settings/parse-configuration.ts';
import { UploadLedger } from './upload-ledger.ts';

/** One ledger with outputs for the command line. For any account and Region. */
export class UploadLedgerStack extends Stack {
  constructor(scope: Construct, configuration: StackConfiguration) {
    const { stackName, ...settings } = configuration;
    super(scope, stackName, { description: 'upload-ledger: a permanent record of every upload to S3' });
    this.templateOptions.metadata = { [SETTINGS_METADATA]: settingsMetadata(configuration) };
    new UploadLedger(this, 'Uploads', settings).addOutputs();
  }
}

/** Longer values are shown as their hash: they can differ, and hold names and addresses. */
const MAX_CHARACTERS = 100;

/** The settings that are not the defaults, for `doctor`, which compares them with those of a checkout. */
export function settingsMetadata(configuration: StackConfiguration): Readonly<Record<string, unknown>> {
  const defaults: Readonly<Record<string, unknown>> = parseConfiguration({});
  const given = Object.entries(configuration).filter(
    ([name, value]) => value !== undefined && JSON.stringify(value) !== JSON.stringify(defaults[name]),
  );
  return Object.fromEntries(given.sort().map(([name, value]) => [name, shortened(value)]));
}

function shortened(value: unknown): unknown {
  const text = JSON.stringify(value);
  if (text.length <= MAX_CHARACTERS) return value;
  return `sha256:${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
}
