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
import type { UploadLedgerResources } from '../upload-ledger-props.ts';
import { BucketEvents } from './event-rules.ts';
import { UploadBucket } from './upload-bucket.ts';

export interface UploadSourcesProps {
  readonly configuration: Configuration;
  readonly resources: Pick<UploadLedgerResources, 'buckets' | 'topic'>;
  readonly queue: Queue;
  readonly deadLetterQueue: Queue;
  /** Of the queues. @default SQS's own */
  readonly encryptionKey: IKey | undefined;
}

/** What a ledger hears of. */
export interface UploadSources {
  /** As far as the ledger knows them: none behind a topic. */
  readonly buckets: readonly IBucket[];
  /** The bucket that was made for it, if any. */
  readonly ownBucket: Bucket | undefined;
}

/**
 * Connects the queue to wherever uploads are heard of: a bucket of its own, buckets that are there, or a topic.
 *
 * @throws ConfigurationError when more than one of them is given, or a key that the sender cannot use.
 */
export function connectSources(scope: Construct, props: UploadSourcesProps): UploadSources {
  const topic = topicOf(scope, props);
  const existing = existingBuckets(scope, props);
  if (topic !== undefined && existing !== undefined) throw twoSources();
  if (topic !== undefined) {
    if (props.configuration.uploaderMetadata) throw metadataBehindTopic();
    admit(props, 'sns.amazonaws.com');
    subscribeToTopic({ ...props, topic });
    return { buckets: [], ownBucket: undefined };
  }
  const ownBucket = existing === undefined ? makeBucket(scope, props) : undefined;
  // The CDK's own types disagree about optional properties.
  const buckets = existing ?? (ownBucket === undefined ? [] : [ownBucket as IBucket]);
  if (existing !== undefined || props.configuration.delivery === 'eventbridge') listen(scope, props, buckets);
  return { buckets, ownBucket };
}

function topicOf(scope: Construct, { configuration, resources }: UploadSourcesProps): ITopic | undefined {
  if (resources.topic !== undefined) return resources.topic;
  const arn = configuration.sourceTopicArn;
  return arn === undefined ? undefined : Topic.fromTopicArn(scope, 'SourceTopic', arn);
}

function existingBuckets(
  scope: Construct,
  { configuration, resources }: UploadSourcesProps,
): readonly IBucket[] | undefined {
  if (resources.buckets !== undefined) return resources.buckets;
  return configuration.existingBuckets?.map((name) => Bucket.fromBucketName(scope, `Existing-${name}`, name));
}

function makeBucket(scope: Construct, props: UploadSourcesProps): UploadBucket {
  const { bucketName, delivery, events, prefix, suffix, removalPolicy } = props.configuration;
  if (delivery === 'notification') admit(props, 's3.amazonaws.com');
  return new UploadBucket(scope, 'Bucket', {
    queue: props.queue,
    delivery,
    events,
    removalPolicy,
    ...(bucketName !== undefined && { bucketName }),
    ...(prefix !== undefined && { prefix }),
    ...(suffix !== undefined && { suffix }),
  });
}

function listen(scope: Construct, props: UploadSourcesProps, buckets: readonly IBucket[]): void {
  const { events, prefix, suffix } = props.configuration;
  admit(props, 'events.amazonaws.com');
  new BucketEvents(scope, 'BucketEvents', {
    bucketNames: buckets.map(({ bucketName }) => bucketName),
    events,
    queue: props.queue,
    deadLetterQueue: props.deadLetterQueue,
    ...(prefix !== undefined && { prefix }),
    ...(suffix !== undefined && { suffix }),
  });
}

function admit({ encryptionKey }: UploadSourcesProps, sender: Sender): void {
  if (encryptionKey !== undefined) admitSender(encryptionKey, sender);
}

function twoSources(): ConfigurationError {
  return new ConfigurationError([{ key: 'topic', value: 'given', rule: 'must not be given beside buckets' }]);
}

function metadataBehindTopic(): ConfigurationError {
  return new ConfigurationError([{ key: 'uploaderMetadata', value: true, rule: METADATA_BEHIND_TOPIC }]);
}

export interface TopicEventsProps {
  /** Topic that buckets already send their events to. */
  readonly topic: ITopic;
  readonly queue: Queue;
  /** Where messages go that SNS cannot deliver to the queue. */
  readonly deadLetterQueue: Queue;
}

/**
 * Subscribes the queue to a topic. Which events of which buckets arrive is the topic's own affair.
 *
 * Raw: SNS's envelope would add a third to each message, and says nothing that is recorded.
 */
export function subscribeToTopic({ topic, queue, deadLetterQueue }: TopicEventsProps): void {
  topic.addSubscription(new SqsSubscription(queue, { rawMessageDelivery: true, deadLetterQueue }));
}
