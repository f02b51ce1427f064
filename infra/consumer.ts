import { Duration, type RemovalPolicy } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { EventSourceMapping, Function as LambdaFunction, RecursiveLoop } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { EMAIL_SETTINGS_FILE } from '../src/contract/email-settings.ts';
import { consumerEnvironment } from './consumer-environment.ts';
import { emailPermissions } from './email/email-permissions.ts';
import { functionEmailSettings } from './email/function-email-settings.ts';
import { useOf } from './encryption-key.ts';
import { functionBasics, functionCode } from './function-code.ts';
import type { Configuration } from './settings/configuration.ts';

interface ConsumerProps {
  readonly configuration: Configuration;
  readonly queue: Queue;
  readonly deadLetterQueue: Queue;
  readonly table: TableV2;
  /** Whose uploads are recorded, as far as the ledger knows. */
  readonly buckets: readonly IBucket[];
  /** See `serviceNameOf`. */
  readonly serviceName: string;
  /** Of table and queues. @default AWS's own */
  readonly encryptionKey: IKey | undefined;
  /** Of the logs. */
  readonly removalPolicy: RemovalPolicy;
}

/** The function that turns batches of messages into ledger records, with exactly the permissions that it uses. */
export class Consumer extends Construct {
  readonly function: LambdaFunction;

  constructor(scope: Construct, id: string, props: ConsumerProps) {
    super(scope, id);
    const { configuration } = props;
    const logGroup = new LogGroup(this, 'Logs', {
      retention: configuration.logRetentionDays,
      removalPolicy: props.removalPolicy,
    });
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    const statements = [...permissions(props, logGroup), ...emailPermissions(this, props.table, configuration)];
    for (const statement of statements) role.addToPolicy(statement);
    const email = functionEmailSettings(configuration);
    this.function = new LambdaFunction(this, 'Function', {
      description: 'Records uploads in the ledger table',
      ...functionBasics('consumer', configuration),
      code: functionCode('consumer', email && { name: EMAIL_SETTINGS_FILE, text: JSON.stringify(email) }),
      memorySize: configuration.memoryMb,
      ...(configuration.reservedConcurrency !== undefined && {
        reservedConcurrentExecutions: configuration.reservedConcurrency,
      }),
      timeout: Duration.seconds(configuration.timeoutSeconds),
      environment: consumerEnvironment({
        configuration,
        tableName: props.table.tableName,
        queueUrl: props.queue.queueUrl,
        deadLetterQueueUrl: props.deadLetterQueue.queueUrl,
        serviceName: props.serviceName,
        bucketNames: props.buckets.map(({ bucketName }) => bucketName),
      }),
      role,
      ...(sendsAlerts(configuration) && { recursiveLoop: RecursiveLoop.ALLOW }),
      logGroup,
    });
    new EventSourceMapping(this, 'Batches', {
      target: this.function,
      eventSourceArn: props.queue.queueArn,
      batchSize: configuration.batchSize,
      maxBatchingWindow: Duration.seconds(configuration.batchWindowSeconds),
      maxConcurrency: configuration.maximumConcurrency,
      reportBatchItemFailures: true,
    });
  }
}

/**
 * Such a function sends alerts that SES does not take to its own queue, once each, and never from their own handling.
 * But one batch holds both alerts of before and uploads with new ones, so Lambda, which counts the sends of what led to
 * what, would see a chain as long as SES fails, and cut it at 16: it would stop handing whole batches to the function.
 *
 * Source: Lambda developer guide, "Use Lambda recursive loop detection to prevent infinite loops".
 */
function sendsAlerts({ alerts = [] }: Configuration): boolean {
  return alerts.length > 0;
}

/**
 * Exactly the calls that the function makes: no managed policy, and no wildcard but the `:*` of the log group's ARN,
 * which means its log streams.
 *
 * Sources: Lambda developer guide, "Execution role permissions" of the SQS event source, and "Sending Lambda function
 * logs to CloudWatch Logs".
 */
function permissions(props: ConsumerProps, logGroup: LogGroup): PolicyStatement[] {
  const { configuration, queue, deadLetterQueue, table, encryptionKey } = props;
  return [
    new PolicyStatement({
      actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
      resources: [queue.queueArn],
    }),
    new PolicyStatement({
      actions: ['sqs:SendMessage'],
      resources: [deadLetterQueue.queueArn, ...(sendsAlerts(configuration) ? [queue.queueArn] : [])],
    }),
    new PolicyStatement({ actions: ['dynamodb:BatchWriteItem'], resources: [table.tableArn] }),
    new PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logGroup.logGroupArn] }),
    ...metadataPermissions(props),
    ...(encryptionKey === undefined ? [] : [useOf(encryptionKey)]),
  ];
}

/**
 * HeadObject needs the permission to read the object. Source: S3 API reference, `HeadObject`. The function only asks
 * for the current version, so it needs no permission on versions. Where it gets no certain answer, it puts the record
 * on a condition, which BatchWriteItem does not know.
 */
function metadataPermissions({ configuration, buckets, table }: ConsumerProps): PolicyStatement[] {
  if (!configuration.uploaderMetadata) return [];
  const resources = buckets.map((bucket) => bucket.arnForObjects('*'));
  return [
    new PolicyStatement({ actions: ['s3:GetObject'], resources }),
    new PolicyStatement({ actions: ['dynamodb:PutItem'], resources: [table.tableArn] }),
  ];
}
