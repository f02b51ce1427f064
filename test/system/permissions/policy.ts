import { LOCAL_ACCOUNT_ID, LOCAL_REGION } from '../../../src/local/identity.ts';
import { type DeclaredResource, readTemplateDocument } from '../../../src/local/template/document.ts';
import { TemplateResolver } from '../../../src/local/template/resolver.ts';

/** One statement of a role's policies, with names as the local stack gives them. */
export interface Statement {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** Values by condition key by operator. */
  readonly conditions: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

interface PolicyDocument {
  readonly Statement: readonly {
    readonly Effect: 'Allow' | 'Deny';
    readonly Action: string | readonly string[];
    readonly Resource: string | readonly string[];
    readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
  }[];
}

const list = <T>(value: T | readonly T[]): readonly T[] => (Array.isArray(value) ? value : [value]) as readonly T[];

/** A function by its handler's file. */
export type FunctionName = 'consumer' | 'publisher';

/** What the role of one of the template's functions may do. */
export function functionStatements(assemblyDirectory: string, name: FunctionName = 'consumer'): Statement[] {
  const { stackName, resources } = readTemplateDocument(assemblyDirectory);
  const resolver = resolverFor(stackName, resources);
  const declared = [...resources.values()];
  const fn = declared.find(isFunction(name));
  const role = JSON.stringify(fn?.properties.Role).match(/"([^"]+)","Arn"/)?.[1];
  const policies = declared.filter(({ type, properties }) => type === 'AWS::IAM::Policy' && isOf(properties, role));
  return policies.flatMap((policy) => statementsOf(policy, resolver));
}

/** @throws TypeError when the function writes to no log group of the template. */
export function logGroupName(assemblyDirectory: string, name: FunctionName = 'consumer'): string {
  const { stackName, resources } = readTemplateDocument(assemblyDirectory);
  const resolver = resolverFor(stackName, resources);
  const logging = JSON.stringify([...resources.values()].find(isFunction(name))?.properties.LoggingConfig);
  const group = resources.get(logging.match(/"LogGroup":\{"Ref":"([^"]+)"/)?.[1] ?? '');
  if (group === undefined) throw new TypeError(`Expected the ${name} to have a log group of the template.`);
  return resolver.identityOf(group).name;
}

function isFunction(name: FunctionName) {
  return ({ type, properties }: DeclaredResource) =>
    type === 'AWS::Lambda::Function' && properties.Handler === `${name}.handler`;
}

function resolverFor(stackName: string, resources: ReadonlyMap<string, DeclaredResource>): TemplateResolver {
  // No call depends on where the emulators listen.
  const place = { stackName, region: LOCAL_REGION, accountId: LOCAL_ACCOUNT_ID, endpoint: 'http://127.0.0.1:1' };
  return new TemplateResolver(resources, place);
}

function isOf({ Roles }: DeclaredResource['properties'], role: string | undefined): boolean {
  return (Roles as readonly { readonly Ref: string }[]).some(({ Ref }) => Ref === role);
}

function statementsOf({ logicalId, properties }: DeclaredResource, resolver: TemplateResolver): Statement[] {
  const document = resolver.resolve(properties.PolicyDocument, logicalId) as PolicyDocument;
  return document.Statement.map(({ Effect, Action, Resource, Condition = {} }) => ({
    effect: Effect,
    actions: list(Action),
    resources: list(Resource),
    conditions: Object.fromEntries(
      Object.entries(Condition).map(([operator, keys]) => [
        operator,
        Object.fromEntries(Object.entries(keys).map(([key, values]) => [key, list(values)])),
      ]),
    ),
  }));
}
