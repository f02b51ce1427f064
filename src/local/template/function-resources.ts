import { z } from 'zod';
import { readScheduleExpression } from '../../shared/schedule-expression.ts';
import type { EventPattern, ValuePattern } from '../s3/notification.ts';
import { type DeclaredResource, TemplateError } from './document.ts';
import { readProperties, type TemplateResolver } from './resolver.ts';
import type { EventRuleResource, FunctionResource, MappingResource, ScheduleResource } from './resources.ts';

/** Defaults as in CloudFormation's reference of `AWS::Lambda::Function`. */
const FUNCTION = z.strictObject({
  FunctionName: z.string().optional(),
  Code: z.strictObject({ S3Bucket: z.string(), S3Key: z.string() }),
  Handler: z.string(),
  Runtime: z.string(),
  Environment: z.strictObject({ Variables: z.record(z.string(), z.string()) }).default({ Variables: {} }),
  MemorySize: z.int().default(128),
  Timeout: z.int().default(3),
  LoggingConfig: z
    .strictObject({
      LogFormat: z.enum(['JSON', 'Text']).default('Text'),
      ApplicationLogLevel: z.string().optional(),
      SystemLogLevel: z.string().optional(),
      LogGroup: z.string().optional(),
    })
    .prefault({}),
});

/** The machine is what it is, and no permission is checked on it. */
const WITHOUT_LOCAL_MEANING = ['Architectures', 'Description', 'Role', 'Tags'];

/**
 * @param assets Directories of the assets by their key in the deployment bucket.
 * @throws TemplateError for what the local stack cannot do, and for code that is no asset of the assembly.
 */
export function toFunction(
  resource: DeclaredResource,
  resolver: TemplateResolver,
  assets: ReadonlyMap<string, string>,
): FunctionResource {
  const properties = readProperties(resource, resolver, FUNCTION, WITHOUT_LOCAL_MEANING);
  const { Code, LoggingConfig: logging } = properties;
  const codeDirectory = assets.get(Code.S3Key);
  if (codeDirectory === undefined) {
    throw new TemplateError(resource.logicalId, `its code ${Code.S3Key} is not among the assembly's assets.`);
  }
  const { name, arn } = resolver.identityOf(resource);
  return {
    logicalId: resource.logicalId,
    name,
    arn,
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

const WITHOUT_LOCAL_MEANING2 = ['Tags'];

/** @throws TemplateError for what the local stack cannot do. */
export function toMapping(resource: DeclaredResource, resolver: TemplateResolver): MappingResource {
  const properties = readProperties(resource, resolver, MAPPING, WITHOUT_LOCAL_MEANING2);
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

const VALUE: z.ZodType<ValuePattern> = z.union([
  z.string(),
  z.strictObject({ prefix: z.string() }),
  z.strictObject({ suffix: z.string() }),
  z.strictObject({ wildcard: z.string() }),
]);

/** The operators that the stack uses; another one is an error and not a rule that hears nothing. */
const PATTERN: z.ZodType<EventPattern> = z.lazy(() => z.record(z.string(), z.union([z.array(VALUE), PATTERN])));

const RULE = z.strictObject({
  EventPattern: PATTERN,
  State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
  Targets: z.array(
    z.strictObject({
      Id: z.string(),
      Arn: z.string(),
      // Nothing that is sent to a queue on this machine fails to arrive.
      DeadLetterConfig: z.strictObject({ Arn: z.string() }).optional(),
    }),
  ),
});

const WITHOUT_LOCAL_MEANING3 = ['Description', 'Tags'];

/** @throws TemplateError for what the local stack cannot do. */
export function toEventRule(resource: DeclaredResource, resolver: TemplateResolver): EventRuleResource {
  const { EventPattern, State, Targets } = readProperties(resource, resolver, RULE, WITHOUT_LOCAL_MEANING3);
  return {
    logicalId: resource.logicalId,
    pattern: EventPattern,
    enabled: State === 'ENABLED',
    queueArns: Targets.map(({ Arn }) => Arn),
  };
}

/** Defaults as in CloudFormation's reference of `AWS::Scheduler::Schedule`. */
const SCHEDULE = z.strictObject({
  Name: z.string().optional(),
  ScheduleExpression: z.string(),
  ScheduleExpressionTimezone: z.string().default('UTC'),
  State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
  FlexibleTimeWindow: z.strictObject({ Mode: z.literal('OFF') }),
  Target: z.strictObject({
    Arn: z.string(),
    Input: z.string(),
  }),
});

const WITHOUT_LOCAL_MEANING4 = ['Description', 'GroupName'];

/** Of the target: no permission is checked on this machine, and its queues take every message. */
const TARGET_WITHOUT_LOCAL_MEANING = ['RoleArn', 'RetryPolicy', 'DeadLetterConfig'];

/** @throws TemplateError for what the local stack cannot do. */
export function toSchedule(resource: DeclaredResource, resolver: TemplateResolver): ScheduleResource {
  const properties = readProperties(withoutRole(resource), resolver, SCHEDULE, WITHOUT_LOCAL_MEANING4);
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

function withoutRole(resource: DeclaredResource): DeclaredResource {
  const target = Object.entries((resource.properties.Target ?? {}) as object);
  const Target = Object.fromEntries(target.filter(([name]) => !TARGET_WITHOUT_LOCAL_MEANING.includes(name)));
  return { ...resource, properties: { ...resource.properties, Target } };
}
