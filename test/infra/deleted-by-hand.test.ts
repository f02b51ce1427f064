import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { synthesized } from './synthesized.ts';
import { EMAIL, VARIANTS } from './variants.ts';

type Resources = Readonly<Record<string, { readonly Type: string }>>;

/** The resources without one of a type, and without the dashboard, as docs/deploying.md tells to take them out. */
function without(
  template: Template,
  type: string,
): { readonly resources: Resources; readonly gone: readonly string[] } {
  const all: Resources = template.toJSON().Resources;
  const [deleted = ''] = Object.keys(all).filter((id) => all[id]?.Type === type);
  const gone = Object.keys(all).filter((id) => id === deleted || all[id]?.Type === 'AWS::CloudWatch::Dashboard');
  const resources = Object.fromEntries(Object.entries(all).filter(([id]) => !gone.includes(id)));
  return { resources, gone };
}

/** Which of these the resources still refer to. */
function referred(resources: Resources, ids: readonly string[]): string[] {
  const text = JSON.stringify(resources);
  return ids.filter((id) => text.includes(`"Ref":"${id}"`) || text.includes(`"Fn::GetAtt":["${id}"`));
}

describe('a resource that doctor finds deleted', () => {
  it.each([
    ['AWS::CloudWatch::Alarm', {}],
    ['AWS::Lambda::EventSourceMapping', {}],
    ['AWS::SNS::Subscription', VARIANTS['SNS topic']],
    ['AWS::Scheduler::Schedule', EMAIL],
  ])('can be taken out of the template and put back: %s', (type, settings) => {
    const { resources, gone } = without(synthesized(settings), type);
    expect(gone).toHaveLength(2);
    expect(referred(resources, gone)).toEqual([]);
  });

  it('is missed where others refer to it', () => {
    const { resources, gone } = without(synthesized(), 'AWS::SQS::Queue');
    expect(referred(resources, gone)).toEqual([gone.find((id) => !id.includes('Dashboard'))]);
  });
});
