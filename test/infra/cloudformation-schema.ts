import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gunzipSync } from 'node:zlib';

/** A property's type, as the database of the CDK's command line has it from CloudFormation's registry. */
interface Type {
  readonly type: string;
  readonly element?: Type;
  readonly reference?: { readonly $ref: string };
  readonly types?: readonly Type[];
}

type Properties = Readonly<Record<string, { readonly type: Type; readonly required?: boolean }>>;
type Fields = Readonly<Record<string, unknown>>;

interface Entity {
  readonly $id: string;
  readonly cloudFormationType?: string;
  readonly attributes?: Fields;
  readonly properties: Properties;
}

type Entities = Readonly<Record<string, Entity>>;

const PRIMITIVES: Readonly<Record<string, string>> = {
  string: 'string',
  'date-time': 'string',
  number: 'number',
  integer: 'number',
  boolean: 'boolean',
};

/** Holds resources against CloudFormation's registry: properties by name, type and presence, and attributes by name. */
export class CloudFormationSchema {
  readonly #resources: ReadonlyMap<string | undefined, Entity>;
  readonly #types: ReadonlyMap<string | undefined, Entity>;

  /** Reads the database that the package `aws-cdk` brings along to tell what a deployment would change. */
  constructor() {
    const file = createRequire(import.meta.url)
      .resolve('aws-cdk/package.json')
      .replace('package.json', 'db.json.gz');
    const { schema } = JSON.parse(gunzipSync(readFileSync(file)).toString());
    const [resources, types] = [schema.resource.entities as Entities, schema.typeDefinition.entities as Entities];
    this.#resources = new Map(Object.values(resources).map((entity) => [entity.cloudFormationType, entity]));
    this.#types = new Map(Object.values(types).map((entity) => [entity.$id, entity]));
  }

  /** Whether resources of this type have an attribute for `Fn::GetAtt`. */
  hasAttribute(type: string, name: string): boolean {
    return this.#resources.get(type)?.attributes?.[name] !== undefined;
  }

  /** What CloudFormation would refuse, as `<type>.<property>: <why>`. */
  errors(type: string, properties: unknown = {}): string[] {
    const entity = this.#resources.get(type);
    return entity === undefined ? [`${type}: is no type`] : this.#inObject(properties, entity.properties, type);
  }

  #inObject(value: unknown, properties: Properties, path: string): string[] {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${path}: is no object`];
    const given = Object.entries(value).flatMap(([name, one]) => {
      const property = properties[name];
      return property === undefined ? [`${path}.${name}: is unknown`] : this.#in(one, property.type, `${path}.${name}`);
    });
    const missing = Object.entries(properties).filter(([name, { required }]) => required && !(name in value));
    return [...given, ...missing.map(([name]) => `${path}.${name}: is missing`)];
  }

  #in(value: unknown, type: Type, path: string): string[] {
    if (isIntrinsic(value)) return [];
    const primitive = PRIMITIVES[type.type];
    if (primitive !== undefined) return typeof value === primitive ? [] : [`${path}: is no ${primitive}`];
    const element = type.element as Type;
    switch (type.type) {
      case 'json':
      case 'tag':
        return [];
      case 'array':
        if (!Array.isArray(value)) return [`${path}: is no list`];
        return value.flatMap((one, at) => this.#in(one, element, `${path}[${at}]`));
      case 'map':
        return Object.entries(value as Fields).flatMap(([key, one]) => this.#in(one, element, `${path}.${key}`));
      case 'ref':
        return this.#inObject(value, this.#types.get(type.reference?.$ref)?.properties ?? {}, path);
      case 'union': {
        const all = (type.types ?? []).map((one) => this.#in(value, one, path));
        return all.some((errors) => errors.length === 0) ? [] : (all[0] ?? []);
      }
      default:
        throw new TypeError(`Expected a type that this check knows at ${path}; got ${type.type}.`);
    }
  }
}

/** A value that CloudFormation works out. */
function isIntrinsic(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const [name = '', ...more] = Object.keys(value);
  return more.length === 0 && (name === 'Ref' || name.startsWith('Fn::'));
}
