import { z } from 'zod';
import type { DeclaredResource } from './template-document.ts';
import { readProperties } from './template-properties.ts';
import type { TemplateResolver } from './template-resolver.ts';
import type { BucketResource, NotificationRule } from './template-resources.ts';

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
