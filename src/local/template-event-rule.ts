import { z } from 'zod';
import type { EventPattern, ValuePattern } from './object-notifier/event-pattern.ts';
import type { DeclaredResource } from './template-document.ts';
import { readProperties } from './template-properties.ts';
import type { TemplateResolver } from './template-resolver.ts';
import type { EventRuleResource } from './template-resources.ts';

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

const WITHOUT_LOCAL_MEANING = ['Description', 'Tags'];

/** @throws TemplateError for what the local stack cannot do. */
export function toEventRule(resource: DeclaredResource, resolver: TemplateResolver): EventRuleResource {
  const { EventPattern, State, Targets } = readProperties(resource, resolver, RULE, WITHOUT_LOCAL_MEANING);
  return {
    logicalId: resource.logicalId,
    pattern: EventPattern,
    enabled: State === 'ENABLED',
    queueArns: Targets.map(({ Arn }) => Arn),
  };
}
