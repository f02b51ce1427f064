import type { Template } from 'aws-cdk-lib/assertions';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import { describe, expect, it } from 'vitest';
import { parseConfiguration } from '../../infra/settings/parse-configuration.ts';
import { UploadLedgerStack } from '../../infra/stack.ts';
import { appWithoutBundles, synthesized } from './synthesized.ts';
import { VARIANTS } from './variants.ts';

const templates = new Map(Object.entries(VARIANTS).map(([name, settings]) => [name, synthesized(settings)]));

describe.each([...templates])('the variant with %s', (name, template) => {
  it('keeps the rules that CloudFormation has for templates', () => {
    const settings = VARIANTS[name as keyof typeof VARIANTS];
    const app = appWithoutBundles({ isValidated: true });
    new UploadLedgerStack(app, parseConfiguration(settings));
    expect(() => app.synth()).not.toThrow();
  });

  it('has no custom resource, and a second function only where events are published', () => {
    const types = Object.values<{ Type: string }>(template.toJSON().Resources).map(({ Type }) => Type);
    expect(types.filter((type) => type.startsWith('Custom::') || type.includes('CustomResource'))).toEqual([]);
    template.resourceCountIs('AWS::Lambda::Function', /events|webhooks|topic of alerts|all options/.test(name) ? 2 : 1);
  });

  it('has a bucket only when nothing else is recorded', () => {
    const own = !/^(existing|two|SNS)/.test(name);
    template.resourceCountIs('AWS::S3::Bucket', own ? 1 : 0);
  });

  it('gives the function what it has been shown to use, whatever the source', () => {
    // The permission proof runs the function with these and no others.
    if (/email|metadata|all options|under a key/.test(name)) return;
    expect(functionStatements(template)).toEqual(functionStatements(synthesized()));
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

function functionStatements(template: Template): unknown {
  const policies = Object.entries(template.findResources('AWS::IAM::Policy'));
  return policies.find(([id]) => id.includes('Consumer'))?.[1].Properties.PolicyDocument.Statement;
}

describe('the rules that CloudFormation has for templates', () => {
  it('are broken by a property with a value that AWS refuses', () => {
    const app = appWithoutBundles({ isValidated: true });
    const stack = new UploadLedgerStack(app, parseConfiguration({}));
    const queue = stack.node.findAll().find((construct) => construct instanceof CfnQueue);
    queue?.addPropertyOverride('VisibilityTimeout', 'soon');
    expect(() => app.synth()).toThrow("VisibilityTimeout: 'soon' is not of type 'integer'");
  });
});
