import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { type DeclaredResource, TemplateError } from './document.ts';

/** Where the stack stands: what CloudFormation's pseudo parameters say. */
export interface LocalPlace {
  readonly stackName: string;
  readonly region: string;
  readonly accountId: string;
  /** Root of the emulators' addresses, such as `http://127.0.0.1:4566`; queue URLs begin with it. */
  readonly endpoint: string;
}

export const LOCAL_PARTITION = 'aws';

/** How CloudFormation names a resource of one type, and what `Ref` and `Fn::GetAtt` give of it. */
interface Identity {
  readonly nameProperty: string;
  readonly longestName: number;
  readonly arn: (name: string, place: LocalPlace) => string;
  readonly ref: 'name' | 'url';
}

const IDENTITIES: Readonly<Record<string, Identity>> = {
  'AWS::S3::Bucket': {
    nameProperty: 'BucketName',
    longestName: 63,
    arn: (name) => `arn:aws:s3:::${name}`,
    ref: 'name',
  },
  'AWS::SQS::Queue': { nameProperty: 'QueueName', longestName: 80, arn: regional('sqs', ''), ref: 'url' },
  'AWS::DynamoDB::GlobalTable': {
    nameProperty: 'TableName',
    longestName: 255,
    arn: regional('dynamodb', 'table/'),
    ref: 'name',
  },
  'AWS::Lambda::Function': {
    nameProperty: 'FunctionName',
    longestName: 64,
    arn: regional('lambda', 'function:'),
    ref: 'name',
  },
  'AWS::Logs::LogGroup': {
    nameProperty: 'LogGroupName',
    longestName: 512,
    // CloudFormation gives the ARN of the group's streams.
    arn: (name, place) => `${regional('logs', 'log-group:')(name, place)}:*`,
    ref: 'name',
  },
};

function regional(service: string, kind: string): Identity['arn'] {
  return (name, { region, accountId }) => `arn:${LOCAL_PARTITION}:${service}:${region}:${accountId}:${kind}${name}`;
}

export interface ResourceIdentity {
  readonly name: string;
  readonly arn: string;
  /** What `Ref` gives. */
  readonly ref: string;
}

/**
 * Name, ARN and reference of a resource: the name that the template gives it, or one made of the stack's name and its logical
 * id, the same at each start.
 *
 * @param resolver Resolves the intrinsics in a given name.
 * @throws TemplateError for a type that nothing can refer to locally.
 */
export function identityOf(
  { logicalId, type, properties }: DeclaredResource,
  resolver: NameResolver,
): ResourceIdentity {
  const identity = IDENTITIES[type];
  if (!identity) throw new TemplateError(logicalId, `${type} has no local counterpart that could be referred to.`);
  const { place } = resolver;
  const given = resolver.resolve(properties[identity.nameProperty], logicalId);
  const name = typeof given === 'string' ? given : madeName(place.stackName, logicalId, identity.longestName);
  const arn = identity.arn(name, place);
  return { name, arn, ref: identity.ref === 'url' ? `${place.endpoint}/${place.accountId}/${name}` : name };
}

interface NameResolver {
  readonly place: LocalPlace;
  resolve(value: unknown, logicalId: string): unknown;
}

/** Lower case, digits and hyphens: valid for every service, buckets included. */
function madeName(stackName: string, logicalId: string, longest: number): string {
  const name = `${stackName}-${logicalId}`.toLowerCase();
  if (name.length <= longest) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${name.slice(0, longest - hash.length - 1)}-${hash}`;
}

/** What CloudFormation's pseudo parameters stand for on this machine; undefined for a name that is none. */
export function pseudoParameter(name: string, { stackName, region, accountId }: LocalPlace): string | undefined {
  switch (name) {
    case 'AWS::StackName':
      return stackName;
    case 'AWS::StackId':
      // The last part is a GUID on AWS. A word reads better in the names made of it, and never changes.
      return `arn:${LOCAL_PARTITION}:cloudformation:${region}:${accountId}:stack/${stackName}/local`;
    case 'AWS::Region':
      return region;
    case 'AWS::AccountId':
      return accountId;
    case 'AWS::Partition':
      return LOCAL_PARTITION;
    case 'AWS::URLSuffix':
      return 'amazonaws.com';
    default:
      return undefined;
  }
}

/** An intrinsic on its way to a value: `{ [name]: argument }` below the resource or output `logicalId`. */
interface Intrinsic {
  readonly name: string;
  readonly argument: unknown;
  readonly logicalId: string;
}

/**
 * Resolves `Ref`, `Fn::GetAtt`, `Fn::Sub`, `Fn::Join`, `Fn::Select`, `Fn::Split` and the pseudo parameters as CloudFormation would
 * in an account of its own on this machine. All others are a TemplateError.
 */
export class TemplateResolver {
  readonly place: LocalPlace;
  readonly #resources: ReadonlyMap<string, DeclaredResource>;

  constructor(resources: ReadonlyMap<string, DeclaredResource>, place: LocalPlace) {
    this.#resources = resources;
    this.place = place;
  }

  /**
   * The value with every intrinsic in it replaced.
   *
   * @param logicalId Whose value it is, for errors.
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

  identityOf(resource: DeclaredResource): ResourceIdentity {
    return identityOf(resource, this);
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
    return pseudoParameter(target, this.place) ?? this.identityOf(this.#declared(target, intrinsic)).ref;
  }

  #attribute(argument: unknown, intrinsic: Intrinsic): string {
    const [target, name] = typeof argument === 'string' ? argument.split('.') : (argument as string[]);
    const resource = this.#declared(target ?? '', intrinsic);
    const identity = this.identityOf(resource);
    if (name === 'Arn') return identity.arn;
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

function unresolvable({ name, argument, logicalId }: Intrinsic): TemplateError {
  return new TemplateError(logicalId, `cannot resolve ${JSON.stringify({ [name]: argument })} locally.`);
}

/**
 * The properties of a resource that the local stack acts on, resolved and checked.
 *
 * @param schema What it acts on. Its objects are strict: a property inside that is not in it is an error.
 * @param withoutLocalMeaning Properties that change nothing on this machine. All others are an error.
 */
export function readProperties<S extends z.ZodObject>(
  { logicalId, type, properties }: DeclaredResource,
  resolver: TemplateResolver,
  schema: S,
  withoutLocalMeaning: readonly string[],
): z.output<S> {
  for (const name of Object.keys(properties)) {
    if (!Object.hasOwn(schema.shape, name) && !withoutLocalMeaning.includes(name)) {
      throw new TemplateError(logicalId, `the local stack does not know the property ${name} of ${type}.`);
    }
  }
  const known = Object.entries(properties).filter(([name]) => Object.hasOwn(schema.shape, name));
  const result = schema.safeParse(resolver.resolve(Object.fromEntries(known), logicalId));
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  throw new TemplateError(logicalId, `the local stack does not know these properties of ${type}: ${faults}.`);
}
