import { z } from 'zod';
import { EVENT_PATTERN } from '../events/event-pattern.ts';
import { type DeclaredResource, TemplateError } from './document.ts';
import { readProperties, type TemplateResolver } from './resolver.ts';
import type { ApiDestinationResource, ConnectionResource, EventRuleResource } from './resources.ts';

// EventBridge: rules of its buses, and the HTTP endpoints that they call. Each reader throws a TemplateError for what the
// local stack cannot do; defaults are those of EventBridge's API reference.

/** Name of the bus that every account has. */
export const DEFAULT_BUS = 'default';

const RULE = z.strictObject({
  Name: z.string().optional(),
  EventBusName: z.string().default(DEFAULT_BUS),
  EventPattern: EVENT_PATTERN,
  State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
  Targets: z.array(
    z.strictObject({
      Id: z.string(),
      Arn: z.string(),
      InputPath: z
        .string()
        .regex(/^\$(\.\w+)*$/, 'only paths of plain fields, such as $.detail.body')
        .default('$'),
      RetryPolicy: z
        .strictObject({
          MaximumRetryAttempts: z.int().default(185),
          MaximumEventAgeInSeconds: z.int().default(86_400),
        })
        .prefault({}),
      DeadLetterConfig: z.strictObject({ Arn: z.string() }).optional(),
    }),
  ),
});

export function toEventRule(resource: DeclaredResource, resolver: TemplateResolver): EventRuleResource {
  const { EventPattern, EventBusName, State, Targets } = readProperties(withoutRoles(resource), resolver, RULE);
  const bus = busNameOf(EventBusName);
  const { arn } = resolver.identityOf(resource);
  return {
    logicalId: resource.logicalId,
    arn: bus === DEFAULT_BUS ? arn : arn.replace(':rule/', `:rule/${bus}/`),
    bus,
    pattern: EventPattern,
    enabled: State === 'ENABLED',
    targets: Targets.map(({ Arn, InputPath, RetryPolicy, DeadLetterConfig }) => ({
      arn: Arn,
      inputPath: InputPath.split('.').slice(1),
      maximumRetryAttempts: RetryPolicy.MaximumRetryAttempts,
      maximumEventAgeSeconds: RetryPolicy.MaximumEventAgeInSeconds,
      ...(DeadLetterConfig && { deadLetterQueueArn: DeadLetterConfig.Arn }),
    })),
  };
}

/** No permission is checked on this machine, and no role is made. */
function withoutRoles(resource: DeclaredResource): DeclaredResource {
  const { Targets: targets } = resource.properties;
  if (!Array.isArray(targets)) return resource;
  const Targets = targets.map(({ RoleArn: _, ...target }) => target);
  return { ...resource, properties: { ...resource.properties, Targets } };
}

/** @param bus Its name or its ARN. */
export function busNameOf(bus: string): string {
  return bus.slice(bus.lastIndexOf('/') + 1);
}

const PARAMETERS = z
  .array(z.strictObject({ Key: z.string(), Value: z.string(), IsValueSecret: z.boolean().optional() }))
  .default([]);

const CONNECTION = z.strictObject({
  Name: z.string().optional(),
  AuthorizationType: z.enum(['API_KEY', 'BASIC']),
  AuthParameters: z.strictObject({
    ApiKeyAuthParameters: z.strictObject({ ApiKeyName: z.string(), ApiKeyValue: z.string() }).optional(),
    BasicAuthParameters: z.strictObject({ Username: z.string(), Password: z.string() }).optional(),
    InvocationHttpParameters: z
      .strictObject({
        HeaderParameters: PARAMETERS,
        QueryStringParameters: PARAMETERS,
        BodyParameters: PARAMETERS,
      })
      .prefault({}),
  }),
});

/** What every secret is on this machine. */
const LOCAL_SECRET = 'local';

export function toConnection(resource: DeclaredResource, resolver: TemplateResolver): ConnectionResource {
  const { AuthParameters: parameters } = readProperties(resource, resolver, CONNECTION);
  const { ApiKeyAuthParameters: key, BasicAuthParameters: basic, InvocationHttpParameters: http } = parameters;
  const text = (value: string) => withLocalSecrets(value, resource.logicalId);
  const entries = (list: z.output<typeof PARAMETERS>) => list.map(({ Key, Value }) => [Key, text(Value)] as const);
  return {
    logicalId: resource.logicalId,
    arn: resolver.identityOf(resource).arn,
    headers: Object.fromEntries([
      ...(key === undefined ? [] : [[key.ApiKeyName, text(key.ApiKeyValue)]]),
      ...(basic === undefined ? [] : [['Authorization', basicAuthorization(basic.Username, text(basic.Password))]]),
      ...entries(http.HeaderParameters),
    ]),
    query: Object.fromEntries(entries(http.QueryStringParameters)),
    body: Object.fromEntries(entries(http.BodyParameters)),
  };
}

/** CloudFormation puts the secrets' values in place of dynamic references. */
function withLocalSecrets(value: string, logicalId: string): string {
  const resolved = value.replaceAll(/\{\{resolve:secretsmanager:[^}]+\}\}/g, LOCAL_SECRET);
  if (!resolved.includes('{{resolve:')) return resolved;
  throw new TemplateError(logicalId, `the local stack does not know the dynamic reference ${resolved}.`);
}

function basicAuthorization(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

const API_DESTINATION = z.strictObject({
  Name: z.string().optional(),
  ConnectionArn: z.string(),
  HttpMethod: z.enum(['POST', 'GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE']),
  InvocationEndpoint: z.url(),
  InvocationRateLimitPerSecond: z.int().default(300),
});

export function toApiDestination(resource: DeclaredResource, resolver: TemplateResolver): ApiDestinationResource {
  const properties = readProperties(resource, resolver, API_DESTINATION);
  const { name, arn } = resolver.identityOf(resource);
  return {
    logicalId: resource.logicalId,
    name,
    arn,
    url: properties.InvocationEndpoint,
    method: properties.HttpMethod,
    ratePerSecond: properties.InvocationRateLimitPerSecond,
    connectionArn: properties.ConnectionArn,
  };
}
