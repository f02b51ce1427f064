import { z } from 'zod';
import type { DeclaredResource } from './document.ts';
import { readProperties, type TemplateResolver } from './resolver.ts';
import type { BucketResource, NotificationRule, QueueResource, TableKey, TableResource } from './resources.ts';

const QUEUE_CONFIGURATION = z.strictObject({
  Event: z.string(),
  Queue: z.string(),
  Filter: z
    .strictObject({
      S3Key: z.strictObject({
        Rules: z.array(z.strictObject({ Name: z.enum(['prefix', 'suffix']), Value: z.string() })),
      }),
    })
    .optional(),
});

const BUCKET = z.strictObject({
  BucketName: z.string().optional(),
  NotificationConfiguration: z
    .strictObject({
      QueueConfigurations: z.array(QUEUE_CONFIGURATION).default([]),
      EventBridgeConfiguration: z.strictObject({ EventBridgeEnabled: z.boolean().default(true) }).optional(),
    })
    .prefault({}),
  // Uploads that are never completed do not last long enough to matter here. Expiry of objects would.
  LifecycleConfiguration: z
    .strictObject({
      Rules: z.array(
        z.strictObject({ Id: z.string().optional(), Status: z.string(), AbortIncompleteMultipartUpload: z.unknown() }),
      ),
    })
    .optional(),
});

/** Who may reach the bucket and how its bytes are stored. */
const WITHOUT_LOCAL_MEANING = ['BucketEncryption', 'OwnershipControls', 'PublicAccessBlockConfiguration', 'Tags'];

/** @throws TemplateError for what the local stack cannot do. */
export function toBucket(resource: DeclaredResource, resolver: TemplateResolver): BucketResource {
  const { NotificationConfiguration: notification } = readProperties(resource, resolver, BUCKET, WITHOUT_LOCAL_MEANING);
  const { name, arn } = resolver.identityOf(resource);
  return {
    logicalId: resource.logicalId,
    name,
    arn,
    notifications: notification.QueueConfigurations.map(toRule),
    eventBridge: notification.EventBridgeConfiguration?.EventBridgeEnabled ?? false,
  };
}

function toRule({ Event, Queue, Filter }: z.output<typeof QUEUE_CONFIGURATION>): NotificationRule {
  const filters = (Filter?.S3Key.Rules ?? []).map(({ Name, Value }) => [Name, decodedFilterValue(Value)]);
  return { event: Event, queueArn: Queue, ...Object.fromEntries(filters) };
}

/**
 * S3 takes filter values in form-urlencoded UTF-8.
 *
 * Source: Amazon S3 User Guide, "Configuring event notifications using object key name filtering".
 */
function decodedFilterValue(value: string): string {
  return decodeURIComponent(value.replaceAll('+', ' '));
}

/** Defaults as in CloudFormation's reference of `AWS::SQS::Queue`. */
const QUEUE = z.strictObject({
  QueueName: z.string().optional(),
  VisibilityTimeout: z.int().default(30),
  MessageRetentionPeriod: z.int().default(345_600),
  RedrivePolicy: z.strictObject({ deadLetterTargetArn: z.string(), maxReceiveCount: z.int() }).optional(),
  RedriveAllowPolicy: z
    .strictObject({
      redrivePermission: z.enum(['allowAll', 'denyAll', 'byQueue']),
      sourceQueueArns: z.array(z.string()).default([]),
    })
    .optional(),
});

const WITHOUT_LOCAL_MEANING2 = ['SqsManagedSseEnabled', 'Tags'];

/** @throws TemplateError for what the local stack cannot do. */
export function toQueue(resource: DeclaredResource, resolver: TemplateResolver): QueueResource {
  const properties = readProperties(resource, resolver, QUEUE, WITHOUT_LOCAL_MEANING2);
  const { RedrivePolicy: redrive, RedriveAllowPolicy: allowed } = properties;
  const { name, arn, ref } = resolver.identityOf(resource);
  return {
    logicalId: resource.logicalId,
    name,
    arn,
    url: ref,
    visibilityTimeoutSeconds: properties.VisibilityTimeout,
    retentionSeconds: properties.MessageRetentionPeriod,
    ...(redrive && {
      redrive: { deadLetterQueueArn: redrive.deadLetterTargetArn, maxReceiveCount: redrive.maxReceiveCount },
    }),
    ...(allowed && allowed.redrivePermission !== 'allowAll' && { redriveAllowedFrom: allowed.sourceQueueArns }),
  };
}

const KEY_SCHEMA = z.array(z.strictObject({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }));

const TABLE = z.strictObject({
  TableName: z.string().optional(),
  AttributeDefinitions: z.array(z.strictObject({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) })),
  KeySchema: KEY_SCHEMA,
  BillingMode: z.literal('PAY_PER_REQUEST'),
  GlobalSecondaryIndexes: z
    .array(
      z.strictObject({
        IndexName: z.string(),
        KeySchema: KEY_SCHEMA,
        Projection: z.strictObject({ ProjectionType: z.literal('ALL') }),
      }),
    )
    .default([]),
  TimeToLiveSpecification: z.strictObject({ AttributeName: z.string(), Enabled: z.boolean() }).optional(),
  // Recovery and protection have no local meaning; a second Region would have one.
  Replicas: z.array(z.unknown()).length(1),
});

const WITHOUT_LOCAL_MEANING3 = ['SSESpecification', 'Tags'];

/** @throws TemplateError for what the local stack cannot do. */
export function toTable(resource: DeclaredResource, resolver: TemplateResolver): TableResource {
  const properties = readProperties(resource, resolver, TABLE, WITHOUT_LOCAL_MEANING3);
  const { AttributeDefinitions, KeySchema, GlobalSecondaryIndexes, TimeToLiveSpecification: timeToLive } = properties;
  const { name, arn } = resolver.identityOf(resource);
  return {
    logicalId: resource.logicalId,
    name,
    arn,
    ...toKey(KeySchema),
    attributeTypes: Object.fromEntries(
      AttributeDefinitions.map(({ AttributeName, AttributeType }) => [AttributeName, AttributeType]),
    ),
    indexes: GlobalSecondaryIndexes.map((index) => ({ name: index.IndexName, ...toKey(index.KeySchema) })),
    ...(timeToLive?.Enabled && { timeToLiveAttribute: timeToLive.AttributeName }),
  };
}

function toKey(schema: z.output<typeof KEY_SCHEMA>): TableKey {
  const sortKey = schema.find(({ KeyType }) => KeyType === 'RANGE')?.AttributeName;
  return {
    partitionKey: schema.find(({ KeyType }) => KeyType === 'HASH')?.AttributeName ?? '',
    ...(sortKey !== undefined && { sortKey }),
  };
}
