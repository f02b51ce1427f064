import { Aws, Duration, type RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, type CfnBucket } from 'aws-cdk-lib/aws-s3';
import type { CfnQueuePolicy, Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { encodedFilterValue } from '../../src/contract/s3-notifications.ts';
import { physicalName } from '../names.ts';

const BUCKET_NAME_CHARACTERS = 63;

interface UploadBucketProps {
  /** @default a name that no other deployment has, see `physicalName` */
  readonly bucketName?: string | undefined;
  /** Whether the bucket sends its events to the queue or to EventBridge. */
  readonly delivery: 'notification' | 'eventbridge';
  /** Gets the notifications. Its policy is then extended to admit this bucket and no other. */
  readonly queue: Queue;
  /** Event types without the `s3:` prefix. */
  readonly events: readonly string[];
  /** Beginning of the keys that are recorded. @default any */
  readonly prefix?: string | undefined;
  /** End of the keys that are recorded. @default any */
  readonly suffix?: string | undefined;
  readonly removalPolicy: RemovalPolicy;
}

/**
 * A private bucket for uploads, with a notification configuration of its own and no custom resource.
 *
 * Not versioned: old versions of overwritten objects would be paid for until somebody deletes them, and the ledger
 * records each overwrite without them. No cross-origin rules: they depend on the site that the uploads come from.
 */
export class UploadBucket extends Bucket {
  constructor(scope: Construct, id: string, props: UploadBucketProps) {
    const bucketName = props.bucketName ?? physicalName(scope, BUCKET_NAME_CHARACTERS);
    super(scope, id, {
      bucketName,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      // Parts of uploads that were never completed are paid for, but no listing shows them.
      lifecycleRules: [{ abortIncompleteMultipartUploadAfter: Duration.days(7) }],
      removalPolicy: props.removalPolicy,
    });
    const bucket = this.node.defaultChild as CfnBucket;
    if (props.delivery === 'eventbridge') {
      bucket.notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } };
      return;
    }
    bucket.notificationConfiguration = notificationConfiguration(props);
    // From the name: the bucket's ARN attribute would be a cycle, because the bucket must be created after the policy.
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
