import { describe, expect, it } from 'vitest';
import { cdkSynth } from '../system/deployment/cdk-command.ts';
import { synthesized } from './synthesized.ts';
import { VARIANTS } from './variants.ts';

const templates = new Map(Object.entries(VARIANTS).map(([name, settings]) => [name, synthesized(settings)]));

describe.each([...templates])('the variant with %s', (name, template) => {
  it('has one function and no custom resource', () => {
    const types = Object.values<{ Type: string }>(template.toJSON().Resources).map(({ Type }) => Type);
    expect(types.filter((type) => type.startsWith('Custom::') || type.includes('CustomResource'))).toEqual([]);
    template.resourceCountIs('AWS::Lambda::Function', 1);
  });

  it('has a bucket only when nothing else is recorded', () => {
    const own = !('existingBuckets' in VARIANTS[name as keyof typeof VARIANTS]) && !name.startsWith('SNS');
    template.resourceCountIs('AWS::S3::Bucket', own ? 1 : 0);
  });

  it('admits one sender to the uploads queue, with its source', () => {
    const [policy] = Object.values(template.findResources('AWS::SQS::QueuePolicy')).filter(({ Properties }) =>
      JSON.stringify(Properties.Queues).includes('UploadsQueue'),
    );
    const statements: { Effect: string; Action: string; Condition: object }[] =
      policy?.Properties.PolicyDocument.Statement;
    const allowed = statements.filter(({ Effect }) => Effect === 'Allow');
    expect(allowed).toHaveLength(1);
    expect(allowed[0]?.Action).toBe('sqs:SendMessage');
    expect(JSON.stringify(allowed[0]?.Condition)).toContain('aws:SourceArn');
  });
});

describe('cdk synth', () => {
  it.each(['two buckets', 'all options'] as const)('works offline for %s', async (name) => {
    const settings = Object.entries(VARIANTS[name]).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
    const { exitCode, stderr, connections } = await cdkSynth(...settings);
    expect(connections).toEqual([]);
    expect(exitCode, stderr).toBe(0);
  });
});
