import { z } from 'zod';
import type { CorsRule } from '../s3/cors.ts';
import { type DeclaredResource, TemplateError } from './document.ts';
import { readProperties, streamArn, type TemplateResolver } from './resolver.ts';
import type { BucketResource, NotificationRule, QueueResource, TableKey, TableResource } from './resources.ts';

// The resources that keep something. Each reader throws a TemplateError for what the local stack cannot do.

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

const CORS_RULE = z.strictObject({
  Id: z.string().optional(),
  AllowedOrigins: z.array(z.string()),
  AllowedMethods: z.array(z.string()),
  AllowedHeaders: z.array(z.string()).default([]),
  ExposedHeaders: z.array(z.string()).default([]),
  MaxAge: z.int().optional(),
});

const BUCKET = z.strictObject({
  BucketName: z.string().optional(),
  CorsConfiguration: z.strictObject({ CorsRules: z.array(CORS_RULE) }).optional(),
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

export function toBucket(resource: DeclaredResource, resolver: TemplateResolver): BucketResource {
  const properties = readProperties(resource, resolver, BUCKET);
  const { NotificationConfiguration: notification, CorsConfiguration: cors } = properties;
  return {
    logicalId: resource.logicalId,
    name: resolver.identityOf(resource).name,
    notifications: notification.QueueConfigurations.map((rule) => toRule(rule, resource.logicalId)),
    eventBridge: notification.EventBridgeConfiguration?.EventBridgeEnabled ?? false,
    corsRules: cors?.CorsRules.map(toCorsRule) ?? [],
  };
}

function toCorsRule({ MaxAge, ...rule }: z.output<typeof CORS_RULE>): CorsRule {
  return {
    allowedOrigins: rule.AllowedOrigins,
    allowedMethods: rule.AllowedMethods,
    allowedHeaders: rule.AllowedHeaders,
    exposedHeaders: rule.ExposedHeaders,
    ...(MaxAge !== undefined && { maxAgeSeconds: MaxAge }),
  };
}

function toRule({ Event, Queue, Filter }: z.output<typeof QUEUE_CONFIGURATION>, logicalId: string): NotificationRule {
  // Filter values are form-urlencoded UTF-8 (S3 User Guide, "Configuring event notifications using object key name
  // filtering").
  const filters = (Filter?.S3Key.Rules ?? []).map(({ Name, Value }) => {
    try {
      return [Name, decodeURIComponent(Value.replaceAll('+', ' '))];
    } catch {
      const came = JSON.stringify(Value.slice(0, 100));
      throw new TemplateError(
        logicalId,
        `expected the ${Name} of its key filter to be form-urlencoded UTF-8, got ${came}: write a percent sign as %25`,
      );
    }
  });
  return { event: Event, queueArn: Queue, ...Object.fromEntries(filters) };
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

export function toQueue(resource: DeclaredResource, resolver: TemplateResolver): QueueResource {
  const properties = readProperties(resource, resolver, QUEUE);
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
  // The emulator has no time to live.
  TimeToLiveSpecification: z.strictObject({ AttributeName: z.string(), Enabled: z.boolean() }).optional(),
  StreamSpecification: z
    .strictObject({ StreamViewType: z.enum(['KEYS_ONLY', 'NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES']) })
    .optional(),
  // Recovery and protection have no local meaning; a second Region would have one.
  Replicas: z.array(z.unknown()).length(1),
});

export function toTable(resource: DeclaredResource, resolver: TemplateResolver): TableResource {
  const properties = readProperties(resource, resolver, TABLE);
  const { AttributeDefinitions, KeySchema, GlobalSecondaryIndexes, StreamSpecification: stream } = properties;
  const { name, arn } = resolver.identityOf(resource);
  return {
    logicalId: resource.logicalId,
    name,
    ...(stream && { stream: { arn: streamArn(arn), view: stream.StreamViewType } }),
    ...toTableKey(KeySchema),
    attributeTypes: Object.fromEntries(
      AttributeDefinitions.map(({ AttributeName, AttributeType }) => [AttributeName, AttributeType]),
    ),
    indexes: GlobalSecondaryIndexes.map((index) => ({ name: index.IndexName, ...toTableKey(index.KeySchema) })),
  };
}

/** The keys of a table or an index, as CloudFormation and DynamoDB write them. */
export function toTableKey(
  schema: readonly { readonly AttributeName?: string | undefined; readonly KeyType?: string | undefined }[],
): TableKey {
  const attribute = (type: string) => schema.find(({ KeyType }) => KeyType === type)?.AttributeName;
  const sortKey = attribute('RANGE');
  return { partitionKey: attribute('HASH') ?? '', ...(sortKey !== undefined && { sortKey }) };
}
