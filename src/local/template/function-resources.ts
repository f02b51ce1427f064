import { z } from 'zod';
import { readScheduleExpression } from '../../shared/schedule-expression.ts';
import { EVENT_PATTERN, type EventPattern } from '../events/event-pattern.ts';
import { type DeclaredResource, parseJson, TemplateError } from './document.ts';
import { readProperties, type TemplateResolver } from './resolver.ts';
import type { FunctionResource, MappingResource, ScheduleResource, StreamMappingResource } from './resources.ts';

// The functions and what invokes them or sends to their queues. Each reader throws a TemplateError for what the local
// stack cannot do; defaults are those of CloudFormation's reference.

const FUNCTION = z.strictObject({
  FunctionName: z.string().optional(),
  Code: z.strictObject({ S3Bucket: z.string(), S3Key: z.string() }),
  Handler: z.string(),
  Runtime: z.string(),
  Environment: z.strictObject({ Variables: z.record(z.string(), z.string()) }).default({ Variables: {} }),
  MemorySize: z.int().default(128),
  Timeout: z.int().default(3),
  // Nothing detects loops on this machine.
  RecursiveLoop: z.enum(['Allow', 'Terminate']).optional(),
  LoggingConfig: z
    .strictObject({
      LogFormat: z.enum(['JSON', 'Text']).default('Text'),
      ApplicationLogLevel: z.string().optional(),
      SystemLogLevel: z.string().optional(),
      LogGroup: z.string().optional(),
    })
    .prefault({}),
});

/** @param assets Directories of the assets by their key in the deployment bucket. */
export function toFunction(
  resource: DeclaredResource,
  resolver: TemplateResolver,
  assets: ReadonlyMap<string, string>,
): FunctionResource {
  const properties = readProperties(resource, resolver, FUNCTION);
  const { Code, LoggingConfig: logging } = properties;
  const codeDirectory = assets.get(Code.S3Key);
  if (codeDirectory === undefined) {
    throw new TemplateError(resource.logicalId, `its code ${Code.S3Key} is not among the assembly's assets.`);
  }
  return {
    logicalId: resource.logicalId,
    name: resolver.identityOf(resource).name,
    codeDirectory,
    handler: properties.Handler,
    runtime: properties.Runtime,
    environment: properties.Environment.Variables,
    memoryMb: properties.MemorySize,
    timeoutSeconds: properties.Timeout,
    logFormat: logging.LogFormat,
    ...(logging.ApplicationLogLevel !== undefined && { applicationLogLevel: logging.ApplicationLogLevel }),
  };
}

const MAPPING = z.strictObject({
  EventSourceArn: z.string(),
  FunctionName: z.string(),
  Enabled: z.boolean().default(true),
  BatchSize: z.int().default(10),
  MaximumBatchingWindowInSeconds: z.int().default(0),
  ScalingConfig: z.strictObject({ MaximumConcurrency: z.int() }).optional(),
  FunctionResponseTypes: z.array(z.literal('ReportBatchItemFailures')).default([]),
});

export function toMapping(resource: DeclaredResource, resolver: TemplateResolver): MappingResource {
  const properties = readProperties(resource, resolver, MAPPING);
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

/** Source: CloudFormation's reference of `AWS::Lambda::EventSourceMapping`. */
const STREAM_MAPPING = z.strictObject({
  EventSourceArn: z.string(),
  FunctionName: z.string(),
  Enabled: z.boolean().default(true),
  // The stream begins with the stack.
  StartingPosition: z.enum(['LATEST', 'TRIM_HORIZON']),
  BatchSize: z.int().default(100),
  MaximumBatchingWindowInSeconds: z.int().default(0),
  FilterCriteria: z.strictObject({ Filters: z.array(z.strictObject({ Pattern: z.string() })) }).optional(),
  FunctionResponseTypes: z.array(z.literal('ReportBatchItemFailures')).default([]),
  BisectBatchOnFunctionError: z.boolean().default(false),
  MaximumRetryAttempts: z.int().default(-1),
  MaximumRecordAgeInSeconds: z.int().default(-1),
  DestinationConfig: z.strictObject({ OnFailure: z.strictObject({ Destination: z.string() }) }).optional(),
});

/** Whether a mapping reads the stream of a table. */
export function readsStream({ logicalId, properties }: DeclaredResource, resolver: TemplateResolver): boolean {
  return String(resolver.resolve(properties.EventSourceArn, logicalId)).startsWith('arn:aws:dynamodb:');
}

export function toStreamMapping(resource: DeclaredResource, resolver: TemplateResolver): StreamMappingResource {
  const properties = readProperties(resource, resolver, STREAM_MAPPING);
  const { FilterCriteria: criteria, DestinationConfig: destination } = properties;
  return {
    logicalId: resource.logicalId,
    streamArn: properties.EventSourceArn,
    functionName: properties.FunctionName,
    enabled: properties.Enabled,
    batchSize: properties.BatchSize,
    batchWindowSeconds: properties.MaximumBatchingWindowInSeconds,
    filters: criteria?.Filters.map(({ Pattern }) => toFilter(Pattern, resource.logicalId)) ?? [],
    reportsBatchItemFailures: properties.FunctionResponseTypes.length > 0,
    bisectsOnError: properties.BisectBatchOnFunctionError,
    maximumRetryAttempts: properties.MaximumRetryAttempts,
    maximumRecordAgeSeconds: properties.MaximumRecordAgeInSeconds,
    ...(destination && { onFailureQueueArn: destination.OnFailure.Destination }),
  };
}

function toFilter(pattern: string, logicalId: string): EventPattern {
  const result = EVENT_PATTERN.safeParse(parseJson(logicalId, pattern));
  if (result.success) return result.data;
  throw new TemplateError(logicalId, `its filter ${pattern}: ${result.error.issues[0]?.message}.`);
}

const SCHEDULE = z.strictObject({
  Name: z.string().optional(),
  ScheduleExpression: z.string(),
  ScheduleExpressionTimezone: z.string().default('UTC'),
  State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
  FlexibleTimeWindow: z.strictObject({ Mode: z.literal('OFF') }),
  Target: z.strictObject({ Arn: z.string(), Input: z.string() }),
});

/** No permission is checked on this machine, and its queues take every message. */
const IGNORED_OF_TARGET = ['RoleArn', 'RetryPolicy', 'DeadLetterConfig'];

export function toSchedule(resource: DeclaredResource, resolver: TemplateResolver): ScheduleResource {
  const properties = readProperties(withoutIgnored(resource), resolver, SCHEDULE);
  const { Target: target, Name: name = resource.logicalId } = properties;
  const expression = readScheduleExpression(properties.ScheduleExpression);
  if (typeof expression === 'string') throw new TemplateError(resource.logicalId, expression);
  return {
    logicalId: resource.logicalId,
    name,
    expression,
    timeZone: properties.ScheduleExpressionTimezone,
    isEnabled: properties.State === 'ENABLED',
    queueArn: target.Arn,
    input: target.Input,
  };
}

function withoutIgnored(resource: DeclaredResource): DeclaredResource {
  const target = Object.entries((resource.properties.Target ?? {}) as object);
  const Target = Object.fromEntries(target.filter(([name]) => !IGNORED_OF_TARGET.includes(name)));
  return { ...resource, properties: { ...resource.properties, Target } };
}
