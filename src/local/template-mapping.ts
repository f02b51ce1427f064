import { z } from 'zod';
import type { DeclaredResource } from './template-document.ts';
import { readProperties } from './template-properties.ts';
import type { TemplateResolver } from './template-resolver.ts';
import type { MappingResource } from './template-resources.ts';

/** Defaults as in CloudFormation's reference of `AWS::Lambda::EventSourceMapping`, for queues. */
const MAPPING = z.strictObject({
  EventSourceArn: z.string(),
  FunctionName: z.string(),
  Enabled: z.boolean().default(true),
  BatchSize: z.int().default(10),
  MaximumBatchingWindowInSeconds: z.int().default(0),
  ScalingConfig: z.strictObject({ MaximumConcurrency: z.int() }).optional(),
  FunctionResponseTypes: z.array(z.literal('ReportBatchItemFailures')).default([]),
});

const WITHOUT_LOCAL_MEANING = ['Tags'];

/** @throws TemplateError for what the local stack cannot do. */
export function toMapping(resource: DeclaredResource, resolver: TemplateResolver): MappingResource {
  const properties = readProperties(resource, resolver, MAPPING, WITHOUT_LOCAL_MEANING);
  const { ScalingConfig: scaling } = properties;
  return {
    logicalId: resource.logicalId,
    queueArn: properties.EventSourceArn,
    functionName: properties.FunctionName,
    enabled: properties.Enabled,
    batchSize: properties.BatchSize,
    batchWindowSeconds: properties.MaximumBatchingWindowInSeconds,
    ...(scaling && { maximumConcurrency: scaling.MaximumConcurrency }),
    reportsBatchItemFailures: properties.FunctionResponseTypes.length > 0,
  };
}
