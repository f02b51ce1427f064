import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { toDigestList } from '../src/contract/digest-list.ts';
import { OUTPUTS } from '../src/contract/outputs.ts';
import type { Configuration } from './configuration.ts';
import { UploadLedger } from './upload-ledger.ts';

/** Stands where a bucket's name would: a ledger behind a topic does not know its buckets. No bucket can be called so. */
const UNKNOWN_BUCKET = '-';

/** One ledger, and the outputs by which the command line finds them. For any account and Region. */
export class UploadLedgerStack extends Stack {
  constructor(scope: Construct, { stackName, ...settings }: Configuration) {
    super(scope, stackName, { description: 'upload-ledger: a permanent record of every upload to S3' });
    const ledger = new UploadLedger(this, 'Uploads', settings);
    const [bucket] = ledger.buckets;
    this.output(OUTPUTS.bucketName, bucket?.bucketName ?? UNKNOWN_BUCKET, 'Bucket for uploads');
    this.output(OUTPUTS.tableName, ledger.table.tableName, 'Table of ledger records');
    this.output(OUTPUTS.queueUrl, ledger.queue.queueUrl, 'Queue of S3 notifications');
    this.output(
      OUTPUTS.deadLetterQueueUrl,
      ledger.deadLetterQueue.queueUrl,
      'Queue of messages that were not recorded',
    );
    this.output(OUTPUTS.functionName, ledger.consumer.functionName, 'Function that records uploads');
    this.output(OUTPUTS.indexShards, String(settings.indexShards), 'Shards of both indexes');
    const { uploaderKeyTemplate: template, retentionDays } = settings;
    if (template !== undefined) this.output(OUTPUTS.uploaderKeyTemplate, template, 'Key template of uploaders');
    if (retentionDays !== undefined)
      this.output(OUTPUTS.retentionDays, `${retentionDays}`, 'Days until records expire');
    const digests = (settings.digests ?? []).map(({ name, timeZone = 'UTC' }) => ({ name, timeZone }));
    if (digests.length > 0) this.output(OUTPUTS.digests, toDigestList(digests), 'Digests and their time zones');
  }

  private output(name: string, value: string, description: string): void {
    new CfnOutput(this, name, { value, description });
  }
}
