import { CfnOutput, Names, Stack } from 'aws-cdk-lib';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IConstruct } from 'constructs';
import { OUTPUTS, toDigestList, toWebhookList, UNKNOWN_BUCKET } from '../src/contract/outputs.ts';
import { UploadLedgerError } from '../src/shared/errors.ts';
import type { Webhooks } from './events/webhooks.ts';
import type { Configuration } from './settings/configuration.ts';
import { isTopic } from './settings/source.ts';
import { filtersEvents } from './sources/upload-sources.ts';

/** A ledger as far as outputs name it. */
interface OutputLedger extends IConstruct {
  readonly buckets: readonly IBucket[];
  readonly table: { readonly tableName: string };
  readonly queue: { readonly queueUrl: string };
  readonly deadLetterQueue: { readonly queueUrl: string };
  readonly consumer: { readonly functionName: string };
  readonly serviceName: string;
}

/** @throws UploadLedgerError when the stack has outputs of a ledger already. */
export function addOutputs(ledger: OutputLedger, configuration: Configuration, webhooks: Webhooks | undefined): void {
  const { indexShards, uploaderKeyTemplate: template, retentionDays, digests = [], consoleUrl } = configuration;
  const stack = Stack.of(ledger);
  assertNoOutputs(stack, ledger);
  if (stack.nested) {
    const description = 'Name of the nested stack, for the option --stack';
    new CfnOutput(outermost(stack), `LedgerStack${Names.uniqueId(ledger)}`, { value: stack.stackName, description });
  }
  const write = (name: string, value: string, description: string) =>
    new CfnOutput(stack, name, { value, description });
  write(OUTPUTS.bucketName, ledger.buckets[0]?.bucketName ?? UNKNOWN_BUCKET, 'Bucket for uploads');
  write(OUTPUTS.tableName, ledger.table.tableName, 'Table of ledger records');
  write(OUTPUTS.queueUrl, ledger.queue.queueUrl, 'Queue of S3 notifications');
  write(OUTPUTS.deadLetterQueueUrl, ledger.deadLetterQueue.queueUrl, 'Queue of messages that were not recorded');
  write(OUTPUTS.functionName, ledger.consumer.functionName, 'Function that records uploads');
  write(OUTPUTS.serviceName, ledger.serviceName, 'Dimension "service" of the metrics');
  write(OUTPUTS.indexShards, String(indexShards), 'Shards of both indexes');
  const { source, prefix, suffix, events } = configuration;
  // Outputs are ASCII.
  if (prefix !== undefined) write(OUTPUTS.keyPrefix, encodeURIComponent(prefix), 'Beginning of recorded keys, encoded');
  if (suffix !== undefined) write(OUTPUTS.keySuffix, encodeURIComponent(suffix), 'End of recorded keys, encoded');
  // Behind a topic without a filter, its owner decides what arrives.
  if (!isTopic(source) || filtersEvents(events)) write(OUTPUTS.eventTypes, events.join(','), 'Recorded event types');
  if (template !== undefined) write(OUTPUTS.uploaderKeyTemplate, template, 'Key template of uploaders');
  if (retentionDays !== undefined) write(OUTPUTS.retentionDays, `${retentionDays}`, 'Days until records expire');
  const listed = digests.map(({ name, timeZone = 'UTC' }) => ({ name, timeZone }));
  if (consoleUrl !== undefined) write(OUTPUTS.consoleUrl, consoleUrl, 'What emails link to');
  if (listed.length > 0) write(OUTPUTS.digests, toDigestList(listed), 'Digests and their time zones');
  if (webhooks === undefined) return;
  write(OUTPUTS.deliveriesQueueUrl, webhooks.deliveries.queueUrl, 'Queue of events that no webhook took');
  write(OUTPUTS.eventBus, webhooks.bus.eventBusName, 'Event bus of the webhooks');
  write(OUTPUTS.webhooks, toWebhookList(webhooks.listed), 'Webhooks and their rules');
}

function assertNoOutputs(stack: Stack, ledger: OutputLedger): void {
  const taken = Object.values(OUTPUTS).find((name) => stack.node.tryFindChild(name) !== undefined);
  if (taken === undefined) return;
  const why = `stack "${stack.node.path}" has an output or construct ${taken} already, and the command line finds one ledger in a stack`;
  throw new UploadLedgerError(
    'outputs-taken',
    `Expected no outputs of another ledger beside those of "${ledger.node.path}": ${why}. Give the ledger a stack of its own.`,
  );
}

function outermost(stack: Stack): Stack {
  return stack.nestedStackParent === undefined ? stack : outermost(stack.nestedStackParent);
}
