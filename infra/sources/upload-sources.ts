import { Aspects, type RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Bucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import { FilterOrPolicy, type ITopic, SubscriptionFilter, Topic } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { DEFAULTS } from '../../src/contract/defaults.ts';
import { formUrlEncode } from '../../src/contract/s3-notifications.ts';
import { admitSender, type Sender } from '../encryption-key.ts';
import type { Configuration } from '../settings/configuration.ts';
import { isExisting, isTopic } from '../settings/source.ts';
import { BucketEvents } from './event-rules.ts';
import { connectNotifications, foreignNotifications, warnOfSilentBuckets } from './existing-buckets.ts';
import { UploadBucket } from './upload-bucket.ts';

interface UploadSourcesProps {
  readonly configuration: Configuration;
  readonly queue: Queue;
  readonly deadLetterQueue: Queue;
  /** Of the queues. @default SQS's own */
  readonly encryptionKey: IKey | undefined;
  /** Of a bucket of the ledger's own. */
  readonly removalPolicy: RemovalPolicy;
}

/** Where the uploads of a ledger come from. */
interface UploadSources {
  /** As far as the ledger knows them: none behind a topic. */
  readonly buckets: readonly IBucket[];
  /** The bucket that was made for the ledger, if any. */
  readonly ownBucket: Bucket | undefined;
  /** The rules that bring events through EventBridge, if any. */
  readonly events: BucketEvents | undefined;
}

/**
 * Connects the queue to the source of uploads: a bucket of the ledger's own, existing buckets, or a topic.
 *
 * @throws ConfigurationError for a key that the sender cannot use.
 */
export function connectSources(scope: Construct, props: UploadSourcesProps): UploadSources {
  const { source, ...configuration } = props.configuration;
  if (isTopic(source)) {
    subscribe(
      scope,
      props,
      typeof source.topic === 'string' ? Topic.fromTopicArn(scope, 'SourceTopic', source.topic) : source.topic,
    );
    return { buckets: [], ownBucket: undefined, events: undefined };
  }
  if (source.delivery === 'notification') admit(scope, props, 's3.amazonaws.com');
  const { queue, removalPolicy } = props;
  const { events, prefix, suffix } = configuration;
  const filter = { events, prefix, suffix };
  const ownBucket = isExisting(source)
    ? undefined
    : new UploadBucket(scope, 'Bucket', { queue, removalPolicy, ...source, ...filter });
  const buckets = isExisting(source)
    ? source.buckets.map((one) => toBucket(scope, one))
    : ownBucket
      ? [ownBucket as IBucket]
      : [];
  scope.node.addValidation({ validate: () => foreignNotifications(scope, buckets) });
  if (source.delivery === 'eventbridge') return { buckets, ownBucket, events: addRules(scope, props, buckets) };
  if (isExisting(source)) connectNotifications(buckets, { queue, ...filter });
  return { buckets, ownBucket, events: undefined };
}

function toBucket(scope: Construct, bucket: string | IBucket): IBucket {
  return typeof bucket === 'string' ? Bucket.fromBucketName(scope, `Existing-${bucket}`, bucket) : bucket;
}

/**
 * Delivery is raw: SNS's envelope would add a third to each message, and none of it is recorded. Without settings that
 * say which events are meant, whatever the topic's owner sends arrives.
 */
function subscribe(scope: Construct, props: UploadSourcesProps, topic: ITopic): void {
  const { queue, deadLetterQueue, configuration } = props;
  admit(scope, props, 'sns.amazonaws.com');
  const filter = messageFilter(configuration);
  topic.addSubscription(
    new SqsSubscription(queue, {
      rawMessageDelivery: true,
      deadLetterQueue,
      ...(filter !== undefined && { filterPolicyWithMessageBody: { Records: FilterOrPolicy.policy(filter) } }),
    }),
  );
}

/**
 * A subscription filter on the body of S3's messages. Keys are encoded in them.
 *
 * Source: SNS developer guide, "Payload-based message filtering", "Example filter policy for Amazon S3".
 */
function messageFilter({ events, prefix, suffix }: Configuration): Record<string, FilterOrPolicy> | undefined {
  const matches = (conditions: Parameters<typeof SubscriptionFilter.stringFilter>[0]) =>
    FilterOrPolicy.filter(SubscriptionFilter.stringFilter(conditions));
  const families = events.filter((event) => event.endsWith('*')).map((event) => event.slice(0, -1));
  const types = events.filter((event) => !event.endsWith('*'));
  const key = {
    ...(prefix !== undefined && { matchPrefixes: [formUrlEncode(prefix)] }),
    ...(suffix !== undefined && { matchSuffixes: [formUrlEncode(suffix)] }),
  };
  const filter = {
    ...(filtersEvents(events) && {
      eventName: matches({
        ...(families.length > 0 && { matchPrefixes: families }),
        ...(types.length > 0 && { allowlist: types }),
      }),
    }),
    ...(Object.keys(key).length > 0 && {
      s3: FilterOrPolicy.policy({ object: FilterOrPolicy.policy({ key: matches(key) }) }),
    }),
  };
  return Object.keys(filter).length > 0 ? filter : undefined;
}

/** Whether not all is recorded that the ledger can record. */
export function filtersEvents(events: readonly string[]): boolean {
  return DEFAULTS.events.some((event) => !events.includes(event));
}

function addRules(scope: Construct, props: UploadSourcesProps, buckets: readonly IBucket[]): BucketEvents {
  const { queue, deadLetterQueue, configuration } = props;
  const { events, prefix, suffix } = configuration;
  const bucketNames = buckets.map(({ bucketName }) => bucketName);
  admit(scope, props, 'events.amazonaws.com');
  // What others do to the buckets later counts too.
  Aspects.of(scope).add({ visit: (node) => node === scope && warnOfSilentBuckets(scope, buckets) });
  return new BucketEvents(scope, 'BucketEvents', { queue, deadLetterQueue, bucketNames, events, prefix, suffix });
}

function admit(ledger: Construct, { encryptionKey }: UploadSourcesProps, sender: Sender): void {
  if (encryptionKey !== undefined) admitSender(encryptionKey, sender, ledger.node.path);
}
