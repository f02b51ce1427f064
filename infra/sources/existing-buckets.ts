import { Annotations, CfnResource, Stack, Token } from 'aws-cdk-lib';
import {
  Bucket,
  BucketNotificationDestinationType,
  type EventType as CdkEventType,
  CfnBucket,
  type IBucket,
  type IBucketNotificationDestination,
  type NotificationKeyFilter,
} from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct, IConstruct } from 'constructs';
import { formUrlEncode } from '../../src/contract/s3-notifications.ts';
import { admitBuckets, NotificationError, UploadBucket } from './upload-bucket.ts';

interface ExistingBucketsProps {
  readonly queue: Queue;
  readonly events: readonly string[];
  readonly prefix?: string | undefined;
  readonly suffix?: string | undefined;
}

/**
 * Admits S3 to the queue for buckets that others make. A bucket of the same stack gets the notifications by the CDK,
 * which keeps whatever else is added to it there; any other by hand or by `upload-ledger attach`.
 */
export function connectNotifications(buckets: readonly IBucket[], props: ExistingBucketsProps): void {
  admitBuckets(
    props.queue,
    buckets.map(({ bucketArn }) => bucketArn),
  );
  for (const bucket of buckets) {
    if (bucket instanceof Bucket) addNotifications(bucket, props);
  }
}

function addNotifications(bucket: IBucket, { queue, events, prefix, suffix }: ExistingBucketsProps): void {
  const destination: IBucketNotificationDestination = {
    // The CDK's own destination would grant more than sending.
    bind: () => ({
      arn: queue.queueArn,
      type: BucketNotificationDestinationType.QUEUE,
      dependencies: [queue.node.findChild('Policy')],
    }),
  };
  const filter: NotificationKeyFilter = {
    ...(prefix !== undefined && { prefix: formUrlEncode(prefix) }),
    ...(suffix !== undefined && { suffix: formUrlEncode(suffix) }),
  };
  const filters = Object.keys(filter).length > 0 ? [filter] : [];
  for (const event of events) bucket.addEventNotification(`s3:${event}` as CdkEventType, destination, ...filters);
}

/**
 * Says in the synthesis which buckets of the same program do not send their events to EventBridge, so that a rule on
 * them would never match.
 */
export function warnOfSilentBuckets(scope: Construct, buckets: readonly IBucket[]): void {
  for (const bucket of buckets) {
    if (!(bucket instanceof Bucket) || sendsToEventBridge(bucket)) continue;
    const way =
      'call enableEventBridgeNotification() on it, or make it with eventBridgeEnabled: true. Both overwrite all of its notifications: those from outside this program are removed';
    Annotations.of(scope).addWarningV2(
      'upload-ledger:eventbridge-off',
      `Bucket "${bucket.node.path}" does not send its events to EventBridge, so none of its uploads is recorded: ${way}.`,
    );
  }
}

function sendsToEventBridge(bucket: Bucket): boolean {
  const resource = bucket.node.defaultChild;
  const own = resource instanceof CfnBucket && declares(resource, resource.notificationConfiguration);
  return own || customResources(bucket).some((one) => declares(one, propertiesOf(one).NotificationConfiguration));
}

/** Whether a notification configuration, of CloudFormation or of S3, sends to EventBridge. */
function declares(resource: IConstruct, configuration: unknown): boolean {
  return /"eventBridgeConfiguration":/i.test(JSON.stringify(Stack.of(resource).resolve(configuration)) ?? '');
}

/**
 * The bucket's notification configuration belongs to the ledger, or to the one custom resource of the CDK that has the
 * ledger's notifications too. Any other one is an error: it would replace them.
 *
 * @returns what is wrong, one sentence for each bucket.
 */
export function foreignNotifications(scope: Construct, buckets: readonly IBucket[]): string[] {
  const found = customResources(scope.node.root);
  const own = buckets.filter((bucket) => bucket instanceof UploadBucket);
  return own
    .filter((bucket) => found.some((one) => isOf(bucket, propertiesOf(one).BucketName)))
    .map((bucket) => new NotificationError(bucket.node.path).message);
}

function isOf(bucket: IBucket, name: unknown): boolean {
  const resource = bucket.node.defaultChild;
  const given = resource instanceof CfnBucket ? resource.bucketName : undefined;
  return name === bucket.bucketName || (name === given && !Token.isUnresolved(name));
}

/** What the CDK makes of `addEventNotification`. */
function customResources(root: IConstruct): CfnResource[] {
  return root.node
    .findAll()
    .filter((one) => CfnResource.isCfnResource(one))
    .filter(({ cfnResourceType }) => cfnResourceType === 'Custom::S3BucketNotifications');
}

function propertiesOf(resource: CfnResource): Readonly<Record<string, unknown>> {
  const { _cfnProperties: properties = {} } = resource as unknown as { _cfnProperties?: Record<string, unknown> };
  return properties;
}
