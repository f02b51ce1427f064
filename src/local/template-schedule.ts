import { z } from 'zod';
import { readScheduleExpression } from '../shared/schedule-expression.ts';
import type { DeclaredResource } from './template-document.ts';
import { TemplateError } from './template-error.ts';
import { readProperties } from './template-properties.ts';
import type { TemplateResolver } from './template-resolver.ts';
import type { ScheduleResource } from './template-resources.ts';

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

const WITHOUT_LOCAL_MEANING = ['Description', 'GroupName'];

/** Of the target: no permission is checked on this machine, and its queues take every message. */
const TARGET_WITHOUT_LOCAL_MEANING = ['RoleArn', 'RetryPolicy', 'DeadLetterConfig'];

/** @throws TemplateError for what the local stack cannot do. */
export function toSchedule(resource: DeclaredResource, resolver: TemplateResolver): ScheduleResource {
  const properties = readProperties(withoutRole(resource), resolver, SCHEDULE, WITHOUT_LOCAL_MEANING);
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
