import type { RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Bucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { admitSender, type Sender } from '../encryption-key.ts';
import type { Configuration } from '../settings/configuration.ts';
import { ConfigurationError } from '../settings/configuration-error.ts';
import { METADATA_BEHIND_TOPIC } from '../settings/cross-rules.ts';
import { BucketEvents } from './event-rules.ts';
import { UploadBucket } from './upload-bucket.ts';

interface UploadSourcesProps {
  readonly configuration: Configuration;
  /** @default as the configuration says */
  readonly buckets: readonly IBucket[] | undefined;
  /** @default as the configuration says */
  readonly topic: ITopic | undefined;
  readonly queue: Queue;
  readonly deadLetterQueue: Queue;
  /** Of the queues. @default SQS's own */
  readonly encryptionKey: IKey | undefined;
  /** Of a bucket of the stack's own. */
  readonly removalPolicy: RemovalPolicy;
}

/** Where the uploads of a ledger come from. */
interface UploadSources {
  /** As far as the ledger knows them: none behind a topic. */
  readonly buckets: readonly IBucket[];
  /** The bucket that was made for the ledger, if any. */
  readonly ownBucket: Bucket | undefined;
}

/**
 * Connects the queue to the source of uploads: a bucket of the stack's own, existing buckets, or a topic.
 *
 * @throws ConfigurationError when several sources are given, or a key that the sender cannot use.
 */
export function connectSources(scope: Construct, props: UploadSourcesProps): UploadSources {
  const { configuration } = props;
  const topic = props.topic ?? importedTopic(scope, configuration);
  const existing = props.buckets ?? importedBuckets(scope, configuration);
  if (topic !== undefined && existing !== undefined) throw wrong('topic', 'given', 'must not be given beside buckets');
  if (topic !== undefined) {
    if (configuration.uploaderMetadata) throw wrong('uploaderMetadata', true, METADATA_BEHIND_TOPIC);
    subscribe(props, topic);
    return { buckets: [], ownBucket: undefined };
  }
  const ownBucket = existing === undefined ? makeBucket(scope, props) : undefined;
  // The CDK's own types disagree about optional properties.
  const buckets = existing ?? (ownBucket === undefined ? [] : [ownBucket as IBucket]);
  if (existing !== undefined || configuration.delivery === 'eventbridge') addRules(scope, props, buckets);
  return { buckets, ownBucket };
}

function importedTopic(scope: Construct, { sourceTopicArn }: Configuration): ITopic | undefined {
  return sourceTopicArn === undefined ? undefined : Topic.fromTopicArn(scope, 'SourceTopic', sourceTopicArn);
}

function importedBuckets(scope: Construct, { existingBuckets }: Configuration): readonly IBucket[] | undefined {
  return existingBuckets?.map((name) => Bucket.fromBucketName(scope, `Existing-${name}`, name));
}

/**
 * The topic's owner decides which events of which buckets arrive. Delivery is raw: SNS's envelope would add a third to
 * each message, and none of it is recorded.
 */
function subscribe(props: UploadSourcesProps, topic: ITopic): void {
  const { queue, deadLetterQueue } = props;
  admit(props, 'sns.amazonaws.com');
  topic.addSubscription(new SqsSubscription(queue, { rawMessageDelivery: true, deadLetterQueue }));
}

function makeBucket(scope: Construct, props: UploadSourcesProps): UploadBucket {
  const { queue, removalPolicy, configuration } = props;
  const { bucketName, delivery, events, prefix, suffix } = configuration;
  if (delivery === 'notification') admit(props, 's3.amazonaws.com');
  return new UploadBucket(scope, 'Bucket', { queue, removalPolicy, bucketName, delivery, events, prefix, suffix });
}

function addRules(scope: Construct, props: UploadSourcesProps, buckets: readonly IBucket[]): void {
  const { queue, deadLetterQueue, configuration } = props;
  const { events, prefix, suffix } = configuration;
  const bucketNames = buckets.map(({ bucketName }) => bucketName);
  admit(props, 'events.amazonaws.com');
  new BucketEvents(scope, 'BucketEvents', { queue, deadLetterQueue, bucketNames, events, prefix, suffix });
}

function admit({ encryptionKey }: UploadSourcesProps, sender: Sender): void {
  if (encryptionKey !== undefined) admitSender(encryptionKey, sender);
}

function wrong(key: string, value: unknown, rule: string): ConfigurationError {
  return new ConfigurationError([{ key, value, rule }]);
}
