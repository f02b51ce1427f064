import { Aws, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, type CfnBucket } from 'aws-cdk-lib/aws-s3';
import type { CfnQueuePolicy, Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { physicalName } from '../names.ts';
import { encodedFilterValue } from './notification-configuration.ts';

const BUCKET_NAME_CHARACTERS = 63;

export interface UploadBucketProps {
  /** @default a name that no other deployment has, see `physicalName` */
  readonly bucketName?: string;
  /** Whether the bucket itself tells the queue, or EventBridge everybody who listens. */
  readonly delivery: 'notification' | 'eventbridge';
  /** Queue that hears of the uploads. Its policy is extended to admit this bucket and no other; not with EventBridge. */
  readonly queue: Queue;
  /** Event types without the `s3:` prefix. */
  readonly events: readonly string[];
  /** Beginning of the keys to hear of. @default any */
  readonly prefix?: string;
  /** End of the keys to hear of. @default any */
  readonly suffix?: string;
  readonly removalPolicy: 'retain' | 'destroy';
}

/**
 * A private bucket for uploads that tells of each of them by its own notification configuration: no custom resource.
 *
 * Not versioned: an overwritten object would be paid for until somebody deletes its old versions, and the ledger records each
 * overwrite without them. No cross-origin rules: they depend on the site that uploads come from.
 */
export class UploadBucket extends Bucket {
  constructor(scope: Construct, id: string, props: UploadBucketProps) {
    const bucketName = props.bucketName ?? physicalName(scope, BUCKET_NAME_CHARACTERS);
    super(scope, id, {
      bucketName,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      // Parts of uploads that were never completed are invisible in listings, and paid for.
      lifecycleRules: [{ abortIncompleteMultipartUploadAfter: Duration.days(7) }],
      removalPolicy: props.removalPolicy === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    const bucket = this.node.defaultChild as CfnBucket;
    if (props.delivery === 'eventbridge') {
      bucket.notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } };
      return;
    }
    bucket.notificationConfiguration = notificationConfiguration(props);
    // By name: the bucket's own ARN would make a cycle, for the bucket cannot be made before the policy admits it.
    const bucketArn = Stack.of(this).formatArn({ service: 's3', region: '', account: '', resource: bucketName });
    props.queue.addToResourcePolicy(sendStatement(props.queue, bucketArn));
    bucket.addResourceDependency(props.queue.node.findChild('Policy').node.defaultChild as CfnQueuePolicy);
  }
}

function notificationConfiguration({ queue, events, prefix, suffix }: UploadBucketProps) {
  const rules = Object.entries({ prefix, suffix })
    .filter((rule): rule is [string, string] => rule[1] !== undefined)
    .map(([name, value]) => ({ name, value: encodedFilterValue(value) }));
  return {
    queueConfigurations: events.map((event) => ({
      event: `s3:${event}`,
      queue: queue.queueArn,
      ...(rules.length > 0 && { filter: { s3Key: { rules } } }),
    })),
  };
}

/** Source: Amazon S3 User Guide, "Granting permissions to publish event notification messages to a destination". */
function sendStatement(queue: Queue, bucketArn: string): PolicyStatement {
  return new PolicyStatement({
    principals: [new ServicePrincipal('s3.amazonaws.com')],
    actions: ['sqs:SendMessage'],
    resources: [queue.queueArn],
    conditions: {
      ArnEquals: { 'aws:SourceArn': bucketArn },
      StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
    },
  });
}
