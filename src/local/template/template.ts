import { assertConnected } from './connections.ts';
import { type DeclaredResource, readTemplateDocument, TemplateError } from './document.ts';
import { toEventRule, toFunction, toMapping, toSchedule } from './function-resources.ts';
import { TemplateResolver } from './resolver.ts';
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
}

/** What is provisioned and run. */
const TYPES = {
  bucket: 'AWS::S3::Bucket',
  queue: 'AWS::SQS::Queue',
  table: 'AWS::DynamoDB::GlobalTable',
  function: 'AWS::Lambda::Function',
  mapping: 'AWS::Lambda::EventSourceMapping',
  eventRule: 'AWS::Events::Rule',
  schedule: 'AWS::Scheduler::Schedule',
} as const;

/** Types that change nothing on one machine: permissions (none is checked), log groups, alarms and dashboards. */
const IGNORED_TYPES: readonly string[] = [
  'AWS::CDK::Metadata',
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::CompositeAlarm',
  'AWS::CloudWatch::Dashboard',
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
  const of = (type: string) => declared.filter((resource) => resource.type === type);
  const resolver = new TemplateResolver(document.resources, { ...request, stackName: document.stackName });
  const resources = {
    stackName: document.stackName,
    region: request.region,
    accountId: request.accountId,
    buckets: of(TYPES.bucket).map((resource) => toBucket(resource, resolver)),
    queues: of(TYPES.queue).map((resource) => toQueue(resource, resolver)),
    tables: of(TYPES.table).map((resource) => toTable(resource, resolver)),
    functions: of(TYPES.function).map((resource) => toFunction(resource, resolver, document.assets)),
    eventSourceMappings: of(TYPES.mapping).map((resource) => toMapping(resource, resolver)),
    eventRules: of(TYPES.eventRule).map((resource) => toEventRule(resource, resolver)),
    schedules: of(TYPES.schedule).map((resource) => toSchedule(resource, resolver)),
    outputs: Object.fromEntries(
      [...document.outputs].map(([name, value]) => [name, String(resolver.resolve(value, name))]),
    ),
  };
  assertConnected(resources);
  return resources;
}

function assertKnown(declared: readonly DeclaredResource[]): void {
  const known: readonly string[] = [...Object.values(TYPES), ...IGNORED_TYPES];
  const unknown = declared.find(({ type }) => !known.includes(type));
  if (unknown) {
    throw new TemplateError(unknown.logicalId, `the local stack does not know resources of type ${unknown.type}.`);
  }
}
