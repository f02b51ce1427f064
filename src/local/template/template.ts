import { assertConnected } from './connections.ts';
import { toDashboard } from './dashboard-resource.ts';
import { type DeclaredResource, readTemplateDocument, TemplateError } from './document.ts';
import { toApiDestination, toConnection, toEventRule } from './event-resources.ts';
import { readsStream, toFunction, toMapping, toSchedule, toStreamMapping } from './function-resources.ts';
import { toAlarm } from './monitoring-resources.ts';
import { IGNORED_PROPERTIES, TemplateResolver } from './resolver.ts';
import type { LocalResources } from './resources.ts';
import { toBucket, toQueue, toTable } from './storage-resources.ts';

export interface TemplateRequest {
  /** Where `cdk synth` wrote. */
  readonly assemblyDirectory: string;
  /** @default the assembly's only stack */
  readonly stackName?: string;
  readonly region: string;
  readonly accountId: string;
  /** Where the emulator of S3 and SQS listens, such as `http://127.0.0.1:4566`. */
  readonly endpoint: string;
  /** Values of the template's own parameters. @default none: the CDK's templates refer to none */
  readonly parameters?: Readonly<Record<string, string>>;
}

/**
 * Types that change nothing on one machine: permissions (none is checked), log groups, alarms of alarms, archives of
 * events; and buses, which are made of their rules.
 */
const IGNORED_TYPES: readonly string[] = [
  'AWS::CDK::Metadata',
  'AWS::CloudWatch::CompositeAlarm',
  'AWS::Events::Archive',
  'AWS::Events::EventBus',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::Logs::LogGroup',
  'AWS::S3::BucketPolicy',
  'AWS::Scheduler::ScheduleGroup',
  'AWS::SQS::QueuePolicy',
];

/**
 * Reads what `cdk synth` wrote into what the local stack provisions and runs. Nothing else configures the local stack.
 *
 * @throws TemplateError for a resource type, a property or an intrinsic that it does not know.
 */
export function readLocalResources(request: TemplateRequest): LocalResources {
  const document = readTemplateDocument(request.assemblyDirectory, request.stackName);
  const declared = [...document.resources.values()];
  assertKnown(declared);
  const resolver = new TemplateResolver(document.resources, { ...request, stackName: document.stackName });
  const read = <T>(type: string, toResource: (resource: DeclaredResource, resolver: TemplateResolver) => T) =>
    declared.filter((resource) => resource.type === type).map((resource) => toResource(resource, resolver));
  const mappings = (ofStreams: boolean) =>
    declared
      .filter(({ type }) => type === 'AWS::Lambda::EventSourceMapping')
      .filter((resource) => readsStream(resource, resolver) === ofStreams);
  const resources = {
    region: request.region,
    buckets: read('AWS::S3::Bucket', toBucket),
    queues: read('AWS::SQS::Queue', toQueue),
    tables: read('AWS::DynamoDB::GlobalTable', toTable),
    functions: read('AWS::Lambda::Function', (resource) => toFunction(resource, resolver, document.assets)),
    eventSourceMappings: mappings(false).map((resource) => toMapping(resource, resolver)),
    streamMappings: mappings(true).map((resource) => toStreamMapping(resource, resolver)),
    connections: read('AWS::Events::Connection', toConnection),
    apiDestinations: read('AWS::Events::ApiDestination', toApiDestination),
    eventRules: read('AWS::Events::Rule', toEventRule),
    schedules: read('AWS::Scheduler::Schedule', toSchedule),
    alarms: read('AWS::CloudWatch::Alarm', toAlarm),
    dashboards: read('AWS::CloudWatch::Dashboard', toDashboard),
    outputs: Object.fromEntries(
      [...document.outputs].map(([name, value]) => [name, String(resolver.resolve(value, name))]),
    ),
  };
  assertConnected(resources);
  return resources;
}

function assertKnown(declared: readonly DeclaredResource[]): void {
  const known: readonly string[] = [...Object.keys(IGNORED_PROPERTIES), ...IGNORED_TYPES];
  const unknown = declared.find(({ type }) => !known.includes(type));
  if (unknown) {
    throw new TemplateError(unknown.logicalId, `the local stack does not know resources of type ${unknown.type}.`);
  }
}
