import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { StackConfiguration } from './settings/configuration.ts';
import { UploadLedger } from './upload-ledger.ts';

/** One ledger with outputs for the command line. For any account and Region. */
export class UploadLedgerStack extends Stack {
  constructor(scope: Construct, { stackName, ...settings }: StackConfiguration) {
    super(scope, stackName, { description: 'upload-ledger: a permanent record of every upload to S3' });
    new UploadLedger(this, 'Uploads', settings).addOutputs();
  }
}
