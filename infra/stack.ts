import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { SETTINGS_METADATA } from '../src/contract/outputs.ts';
import type { StackConfiguration } from './settings/configuration.ts';
import { settingsMetadata } from './settings/settings-metadata.ts';
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
