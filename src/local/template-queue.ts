import { z } from 'zod';
import type { DeclaredResource } from './template-document.ts';
import { readProperties } from './template-properties.ts';
import type { TemplateResolver } from './template-resolver.ts';
import type { QueueResource } from './template-resources.ts';

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

const WITHOUT_LOCAL_MEANING = ['SqsManagedSseEnabled', 'Tags'];

/** @throws TemplateError for what the local stack cannot do. */
export function toQueue(resource: DeclaredResource, resolver: TemplateResolver): QueueResource {
  const properties = readProperties(resource, resolver, QUEUE, WITHOUT_LOCAL_MEANING);
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
