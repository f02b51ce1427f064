import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { type DeclaredResource, TemplateError } from './document.ts';

/** Where the stack runs: what CloudFormation's pseudo parameters stand for. */
interface LocalPlace {
  readonly stackName: string;
  readonly region: string;
  readonly accountId: string;
  /** Root of the emulators' addresses, such as `http://127.0.0.1:4566`; queue URLs begin with it. */
  readonly endpoint: string;
  /** Values of the template's own parameters. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** How CloudFormation names a resource of one type, and what `Ref` and `Fn::GetAtt` give of it. */
interface Naming {
  readonly nameProperty: string;
  readonly maxLength: number;
  readonly arn: (name: string, place: LocalPlace) => string;
  /** @default the name */
  readonly ref?: (name: string, place: LocalPlace) => string;
}

const NAMINGS: Readonly<Record<string, Naming>> = {
  'AWS::S3::Bucket': { nameProperty: 'BucketName', maxLength: 63, arn: (name) => `arn:aws:s3:::${name}` },
  'AWS::SQS::Queue': {
    nameProperty: 'QueueName',
    maxLength: 80,
    arn: regionalArn('sqs', ''),
    ref: (name, { endpoint, accountId }) => `${endpoint}/${accountId}/${name}`,
  },
  'AWS::DynamoDB::GlobalTable': {
    nameProperty: 'TableName',
    maxLength: 255,
    arn: regionalArn('dynamodb', 'table/'),
  },
  'AWS::Lambda::Function': { nameProperty: 'FunctionName', maxLength: 64, arn: regionalArn('lambda', 'function:') },
  'AWS::CloudWatch::Alarm': { nameProperty: 'AlarmName', maxLength: 255, arn: regionalArn('cloudwatch', 'alarm:') },
  'AWS::Events::EventBus': { nameProperty: 'Name', maxLength: 256, arn: regionalArn('events', 'event-bus/') },
  'AWS::Events::Rule': { nameProperty: 'Name', maxLength: 64, arn: regionalArn('events', 'rule/') },
  'AWS::Events::Connection': { nameProperty: 'Name', maxLength: 64, arn: regionalArn('events', 'connection/') },
  'AWS::Events::ApiDestination': {
    nameProperty: 'Name',
    maxLength: 64,
    arn: regionalArn('events', 'api-destination/'),
  },
  'AWS::Logs::LogGroup': {
    nameProperty: 'LogGroupName',
    maxLength: 512,
    // CloudFormation gives the ARN of the group's streams.
    arn: (name, place) => `${regionalArn('logs', 'log-group:')(name, place)}:*`,
  },
};

function regionalArn(service: string, kind: string): Naming['arn'] {
  return (name, { region, accountId }) => `arn:aws:${service}:${region}:${accountId}:${kind}${name}`;
}

/** The time at which a stream was made is a part of its ARN on AWS. Here it never changes. */
export function streamArn(tableArn: string): string {
  return `${tableArn}/stream/2026-01-01T00:00:00.000`;
}

/** The parameters, and what CloudFormation's pseudo parameters stand for on this machine. */
function allParameters({ stackName, region, accountId, parameters = {} }: LocalPlace): ReadonlyMap<string, string> {
  return new Map([
    ...Object.entries(parameters),
    ['AWS::StackName', stackName],
    // The last part is a GUID on AWS. A word reads better in the names made of it, and never changes.
    ['AWS::StackId', `arn:aws:cloudformation:${region}:${accountId}:stack/${stackName}/local`],
    ['AWS::Region', region],
    ['AWS::AccountId', accountId],
    ['AWS::Partition', 'aws'],
    ['AWS::URLSuffix', 'amazonaws.com'],
  ]);
}

/** An intrinsic on its way to a value: `{ [name]: argument }` below the resource or output `logicalId`. */
interface Intrinsic {
  readonly name: string;
  readonly argument: unknown;
  readonly logicalId: string;
}

/**
 * Resolves `Ref`, `Fn::GetAtt`, `Fn::Sub`, `Fn::Join`, `Fn::Select`, `Fn::Split` and the pseudo parameters as
 * CloudFormation would in an account of its own on this machine. All others are a TemplateError.
 */
export class TemplateResolver {
  readonly #place: LocalPlace;
  readonly #parameters: ReadonlyMap<string, string>;
  readonly #resources: ReadonlyMap<string, DeclaredResource>;

  constructor(resources: ReadonlyMap<string, DeclaredResource>, place: LocalPlace) {
    this.#resources = resources;
    this.#place = place;
    this.#parameters = allParameters(place);
  }

  /**
   * The value with every intrinsic in it replaced.
   *
   * @param logicalId The resource or output that has the value, for errors.
   */
  resolve(value: unknown, logicalId: string): unknown {
    if (Array.isArray(value)) return value.map((element) => this.resolve(element, logicalId));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    const [entry] = entries;
    if (entry && entries.length === 1 && (entry[0] === 'Ref' || entry[0].startsWith('Fn::'))) {
      return this.#evaluate({ name: entry[0], argument: entry[1], logicalId });
    }
    return Object.fromEntries(entries.map(([key, inner]) => [key, this.resolve(inner, logicalId)]));
  }

  /**
   * Name, ARN and reference of a resource: the name that the template gives it, or one made of the stack's name and its
   * logical id, the same at each start.
   *
   * @throws TemplateError for a type that nothing can refer to locally.
   */
  identityOf({ logicalId, type, properties }: DeclaredResource): Record<'name' | 'arn' | 'ref', string> {
    const naming = NAMINGS[type];
    if (!naming) throw new TemplateError(logicalId, `${type} has no local counterpart that could be referred to.`);
    const given = this.resolve(properties[naming.nameProperty], logicalId);
    const name = typeof given === 'string' ? given : madeName(this.#place.stackName, logicalId, naming.maxLength);
    return { name, arn: naming.arn(name, this.#place), ref: naming.ref?.(name, this.#place) ?? name };
  }

  #evaluate(intrinsic: Intrinsic): unknown {
    const { name, argument, logicalId } = intrinsic;
    if (name === 'Ref') return this.#reference(String(argument), intrinsic);
    if (name === 'Fn::GetAtt') return this.#attribute(argument, intrinsic);
    if (name === 'Fn::Sub') return this.#substitute(intrinsic);
    const [first, second] = Array.isArray(argument) ? (this.resolve(argument, logicalId) as unknown[]) : [];
    if (name === 'Fn::Join' && Array.isArray(second)) return second.join(String(first));
    if (name === 'Fn::Split' && typeof second === 'string') return second.split(String(first));
    if (name === 'Fn::Select' && Array.isArray(second) && second[Number(first)] !== undefined) {
      return second[Number(first)];
    }
    throw unresolvable(intrinsic);
  }

  #reference(target: string, intrinsic: Intrinsic): string {
    return this.#parameters.get(target) ?? this.identityOf(this.#declared(target, intrinsic)).ref;
  }

  #attribute(argument: unknown, intrinsic: Intrinsic): string {
    const [target, name] = typeof argument === 'string' ? argument.split('.') : (argument as string[]);
    const resource = this.#declared(target ?? '', intrinsic);
    const identity = this.identityOf(resource);
    if (name === 'Arn') return identity.arn;
    if (name === 'StreamArn' && resource.type === 'AWS::DynamoDB::GlobalTable') return streamArn(identity.arn);
    if (name === 'Name' && resource.type === 'AWS::Events::EventBus') return identity.name;
    if (name === 'QueueName' && resource.type === 'AWS::SQS::Queue') return identity.name;
    if (name === 'QueueUrl' && resource.type === 'AWS::SQS::Queue') return identity.ref;
    throw unresolvable(intrinsic);
  }

  #substitute(intrinsic: Intrinsic): string {
    const { argument, logicalId } = intrinsic;
    const [text, variables] = Array.isArray(argument) ? argument : [argument, {}];
    const given = this.resolve(variables, logicalId) as Record<string, unknown>;
    return String(text).replaceAll(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
      if (literal) return `\${${name}}`;
      if (Object.hasOwn(given, name)) return String(given[name]);
      return name.includes('.') ? this.#attribute(name, intrinsic) : this.#reference(name, intrinsic);
    });
  }

  #declared(target: string, intrinsic: Intrinsic): DeclaredResource {
    const resource = this.#resources.get(target);
    if (!resource) throw unresolvable(intrinsic);
    return resource;
  }
}

/** Lower case, digits and hyphens: valid for every service, buckets included. */
function madeName(stackName: string, logicalId: string, maxLength: number): string {
  const name = `${stackName}-${logicalId}`.toLowerCase();
  if (name.length <= maxLength) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${name.slice(0, maxLength - hash.length - 1)}-${hash}`;
}

function unresolvable({ name, argument, logicalId }: Intrinsic): TemplateError {
  return new TemplateError(logicalId, `cannot resolve ${JSON.stringify({ [name]: argument })} locally.`);
}

/**
 * For each type that is provisioned or run: its properties that change nothing on one machine, where no permission is
 * checked and no byte is encrypted.
 */
export const IGNORED_PROPERTIES: Readonly<Record<string, readonly string[]>> = {
  'AWS::S3::Bucket': ['BucketEncryption', 'OwnershipControls', 'PublicAccessBlockConfiguration', 'Tags'],
  'AWS::SQS::Queue': ['SqsManagedSseEnabled', 'Tags'],
  'AWS::DynamoDB::GlobalTable': ['SSESpecification', 'Tags'],
  'AWS::Lambda::Function': ['Architectures', 'Description', 'ReservedConcurrentExecutions', 'Role', 'Tags'],
  'AWS::Lambda::EventSourceMapping': ['Tags'],
  // Nobody is told; the console shows the states.
  'AWS::CloudWatch::Alarm': ['ActionsEnabled', 'AlarmActions', 'OKActions', 'Tags'],
  'AWS::CloudWatch::Dashboard': [],
  'AWS::Events::Rule': ['Description', 'Tags'],
  'AWS::Events::Connection': ['Description', 'KmsKeyIdentifier'],
  'AWS::Events::ApiDestination': ['Description'],
  'AWS::Scheduler::Schedule': ['Description', 'GroupName'],
};

/**
 * The properties of a resource that the local stack acts on, resolved and checked. Those that are neither in the schema
 * nor ignored are an error.
 *
 * @param schema Its objects are strict, so that an unknown property inside is an error too.
 */
export function readProperties<S extends z.ZodObject>(
  { logicalId, type, properties }: DeclaredResource,
  resolver: TemplateResolver,
  schema: S,
): z.output<S> {
  const names = Object.keys(properties).filter((name) => IGNORED_PROPERTIES[type]?.includes(name) !== true);
  const unknown = names.find((name) => !Object.hasOwn(schema.shape, name));
  if (unknown !== undefined) {
    throw new TemplateError(logicalId, `the local stack does not know the property ${unknown} of ${type}.`);
  }
  const known = Object.fromEntries(names.map((name) => [name, properties[name]]));
  const result = schema.safeParse(resolver.resolve(known, logicalId));
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  throw new TemplateError(logicalId, `the local stack does not know these properties of ${type}: ${issues}.`);
}
