import { CfnOutput, Stack } from 'aws-cdk-lib';
import { OUTPUTS, toDigestList } from '../src/contract/outputs.ts';
import type { Configuration } from './configuration.ts';
import type { UploadLedger } from './upload-ledger.ts';

/** Stands where a bucket's name would: a ledger behind a topic does not know its buckets. No bucket can be called so. */
const UNKNOWN_BUCKET = '-';

/** Writes the outputs of the ledger's stack by which the command line finds its resources. */
export function writeOutputs(ledger: UploadLedger, configuration: Configuration): void {
  const stack = Stack.of(ledger);
  const write = (name: string, value: string, description: string) =>
    new CfnOutput(stack, name, { value, description });
  const [bucket] = ledger.buckets;
  write(OUTPUTS.bucketName, bucket?.bucketName ?? UNKNOWN_BUCKET, 'Bucket for uploads');
  write(OUTPUTS.tableName, ledger.table.tableName, 'Table of ledger records');
  write(OUTPUTS.queueUrl, ledger.queue.queueUrl, 'Queue of S3 notifications');
  write(OUTPUTS.deadLetterQueueUrl, ledger.deadLetterQueue.queueUrl, 'Queue of messages that were not recorded');
  write(OUTPUTS.functionName, ledger.consumer.functionName, 'Function that records uploads');
  write(OUTPUTS.indexShards, String(configuration.indexShards), 'Shards of both indexes');
  const { uploaderKeyTemplate: template, retentionDays } = configuration;
  if (template !== undefined) write(OUTPUTS.uploaderKeyTemplate, template, 'Key template of uploaders');
  if (retentionDays !== undefined) write(OUTPUTS.retentionDays, `${retentionDays}`, 'Days until records expire');
  const digests = (configuration.digests ?? []).map(({ name, timeZone = 'UTC' }) => ({ name, timeZone }));
  if (digests.length > 0) write(OUTPUTS.digests, toDigestList(digests), 'Digests and their time zones');
}
