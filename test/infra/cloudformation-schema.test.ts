import { describe, expect, it } from 'vitest';
import { CloudFormationSchema } from './cloudformation-schema.ts';
import { synthesized } from './synthesized.ts';
import { VARIANTS } from './variants.ts';

interface Resource {
  readonly Type: string;
  readonly Properties?: unknown;
  readonly DependsOn?: string | readonly string[];
}

type Resources = Readonly<Record<string, Resource>>;

const schema = new CloudFormationSchema();
const templates = Object.entries(VARIANTS).map(
  ([name, settings]) => [name, synthesized(settings).toJSON().Resources as Resources] as const,
);

/** Every `Ref` and `Fn::GetAtt` in a value, as the names that it holds. */
function references(value: unknown): string[][] {
  if (typeof value !== 'object' || value === null) return [];
  const { Ref, 'Fn::GetAtt': attribute } = value as { readonly Ref?: string; readonly 'Fn::GetAtt'?: string[] };
  const own = [...(Ref === undefined ? [] : [[Ref]]), ...(attribute === undefined ? [] : [attribute])];
  return [...own, ...Object.values(value).flatMap(references)];
}

function dependencies({ Properties, DependsOn = [] }: Resource): string[] {
  const named = references(Properties).map(([name = '']) => name);
  return [...named, ...[DependsOn].flat()].filter((name) => !name.startsWith('AWS::'));
}

/** Resources that wait for one another: those that are left when whatever waits for nobody has been taken out again and again. */
function inCycles(resources: Resources): string[] {
  let waiting = Object.keys(resources);
  for (;;) {
    const left = waiting.filter((id) => dependencies(resources[id] as Resource).some((one) => waiting.includes(one)));
    if (left.length === waiting.length) return left;
    waiting = left;
  }
}

describe.each(templates)('the template with %s', (_, resources) => {
  it('has no unknown, mistyped or missing property', () => {
    const errors = Object.values(resources).flatMap(({ Type, Properties }) => schema.errors(Type, Properties));
    expect(errors).toEqual([]);
  });

  it('refers only to existing resources and attributes', () => {
    const named = Object.values(resources).flatMap(({ Properties }) => references(Properties));
    const wrong = named.filter(([id = '', attribute]) => {
      const type = resources[id]?.Type;
      if (type === undefined) return !id.startsWith('AWS::');
      return attribute !== undefined && !schema.hasAttribute(type, attribute);
    });
    expect(wrong).toEqual([]);
  });

  it('has no cycle of dependencies', () => {
    expect(inCycles(resources)).toEqual([]);
  });
});

describe('CloudFormationSchema', () => {
  it.each([
    [{ QueueNam: 'a' }, 'AWS::SQS::Queue.QueueNam: is unknown'],
    [{ VisibilityTimeout: '30' }, 'AWS::SQS::Queue.VisibilityTimeout: is no number'],
    [{ Tags: 'a' }, 'AWS::SQS::Queue.Tags: is no list'],
  ])('sees what is wrong with %j', (properties, error) => {
    expect(schema.errors('AWS::SQS::Queue', properties)).toEqual([error]);
  });

  it('reports missing properties, also within a property', () => {
    const schedule = { FlexibleTimeWindow: {}, ScheduleExpression: 'rate(1 day)' };
    expect(schema.errors('AWS::Scheduler::Schedule', schedule)).toEqual([
      'AWS::Scheduler::Schedule.FlexibleTimeWindow.Mode: is missing',
      'AWS::Scheduler::Schedule.Target: is missing',
    ]);
    expect(schema.hasAttribute('AWS::SQS::Queue', 'Url')).toBe(false);
  });

  it('finds a cycle', () => {
    const one = { Type: 'A', Properties: { of: { 'Fn::GetAtt': ['two', 'Arn'] } } };
    expect(inCycles({ one, two: { Type: 'B', DependsOn: 'one' }, free: { Type: 'C' } })).toEqual(['one', 'two']);
  });
});
