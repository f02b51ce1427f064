import { createHash } from 'node:crypto';
import type { DeclaredResource } from './template-document.ts';
import { TemplateError } from './template-error.ts';

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
