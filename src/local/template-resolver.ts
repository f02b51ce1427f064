import type { DeclaredResource } from './template-document.ts';
import { TemplateError } from './template-error.ts';
import { identityOf, type LocalPlace, type ResourceIdentity } from './template-identity.ts';
import { pseudoParameter } from './template-pseudo-parameters.ts';

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
