import { Aws, Duration, type RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type CfnBucket,
  type CorsRule,
  HttpMethods,
} from 'aws-cdk-lib/aws-s3';
import type { CfnQueuePolicy, Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { formUrlEncode } from '../../src/contract/s3-notifications.ts';
import { UploadLedgerError } from '../../src/shared/errors.ts';
import { physicalName } from '../names.ts';

const BUCKET_NAME_CHARACTERS = 63;

interface UploadBucketProps {
  /** @default a name that no other deployment has, see `physicalName` */
  readonly bucketName?: string | undefined;
  /** Whether the bucket sends its events to the queue or to EventBridge. */
  readonly delivery: 'notification' | 'eventbridge';
  /** Gets the notifications. Its policy is then extended to admit this bucket and no other. */
  readonly queue: Queue;
  /** Pages that may use presigned URLs. @default none */
  readonly corsOrigins?: readonly string[] | undefined;
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
 * records each overwrite without them.
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
      ...(props.corsOrigins !== undefined && { cors: [presignedUse(props.corsOrigins)] }),
    });
    // A bucket that is kept goes on refusing requests without TLS.
    this.policy?.applyRemovalPolicy(props.removalPolicy);
    if (props.delivery === 'eventbridge') {
      this.enableEventBridgeNotification();
      return;
    }
    const bucket = this.#resource;
    bucket.notificationConfiguration = notificationConfiguration(props);
    // From the name: the bucket's ARN attribute would be a cycle, because the bucket must be created after the policy.
    const bucketArn = Stack.of(this).formatArn({ service: 's3', region: '', account: '', resource: bucketName });
    admitBuckets(props.queue, [bucketArn]);
    bucket.addResourceDependency(props.queue.node.findChild('Policy').node.defaultChild as CfnQueuePolicy);
  }

  get #resource(): CfnBucket {
    return this.node.defaultChild as CfnBucket;
  }

  /** Sends the bucket's events to EventBridge too, beside what the ledger gets. */
  override enableEventBridgeNotification(): void {
    const eventBridgeConfiguration = { eventBridgeEnabled: true };
    this.#resource.notificationConfiguration = { ...this.#notifications(), eventBridgeConfiguration };
  }

  #notifications() {
    return this.#resource.notificationConfiguration as CfnBucket.NotificationConfigurationProperty | undefined;
  }

  /**
   * The CDK's custom resource would replace the ledger's notifications: no later upload would be recorded. And a
   * destination refers to the bucket, which has to be made after it.
   *
   * @throws NotificationError always.
   */
  override addEventNotification(): void {
    throw new NotificationError(this.node.path);
  }
}

/** Somebody wants to add notifications to a bucket whose notification configuration is the ledger's. */
export class NotificationError extends UploadLedgerError {
  override readonly name = 'NotificationError';

  /** @param bucket Path of the bucket. */
  constructor(bucket: string) {
    const why = 'the CDK would replace its whole notification configuration, and no later upload would be recorded';
    const ways = [
      'send its events to EventBridge too, with enableEventBridgeNotification(), and match them there with a rule of your own',
      'make the bucket yourself and give it to the ledger as source: { buckets: [bucket], delivery: "notification" }, then add to it what you like: the CDK keeps both',
    ];
    super(
      'bucket-notifications',
      `Expected no other notifications on "${bucket}", a bucket of an UploadLedger: ${why}. Either ${ways.join('; or ')}.`,
    );
  }
}

/**
 * What pages do with presigned URLs: upload with PUT or a form's POST, read back, and read the `ETag` that
 * CompleteMultipartUpload needs. The headers are those that can be signed into a URL, and conditions.
 *
 * Source: Amazon S3 User Guide, "Elements of a CORS configuration".
 */
function presignedUse(allowedOrigins: readonly string[]): CorsRule {
  return {
    allowedOrigins: [...allowedOrigins],
    allowedMethods: [HttpMethods.PUT, HttpMethods.POST, HttpMethods.GET, HttpMethods.HEAD],
    allowedHeaders: ['content-*', 'x-amz-*', 'cache-control', 'expires', 'if-match', 'if-none-match', 'range'],
    exposedHeaders: ['ETag'],
    maxAge: 3_000,
  };
}

function notificationConfiguration({ queue, events, prefix, suffix }: UploadBucketProps) {
  const rules = Object.entries({ prefix, suffix })
    .filter((rule): rule is [string, string] => rule[1] !== undefined)
    .map(([name, value]) => ({ name, value: formUrlEncode(value) }));
  return {
    queueConfigurations: events.map((event) => ({
      event: `s3:${event}`,
      queue: queue.queueArn,
      ...(rules.length > 0 && { filter: { s3Key: { rules } } }),
    })),
  };
}

/**
 * Admits S3 to the queue, for these buckets of the account.
 *
 * Source: Amazon S3 User Guide, "Granting permissions to publish event notification messages to a destination".
 */
export function admitBuckets(queue: Queue, bucketArns: readonly string[]): void {
  queue.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal('s3.amazonaws.com')],
      actions: ['sqs:SendMessage'],
      resources: [queue.queueArn],
      conditions: {
        ArnEquals: { 'aws:SourceArn': bucketArns.length === 1 ? bucketArns[0] : bucketArns },
        StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
      },
    }),
  );
}
