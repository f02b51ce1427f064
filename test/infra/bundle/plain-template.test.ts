import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { writePlainTemplate } from '../../../infra/bundle/plain-template.ts';
import { parseConfiguration } from '../../../infra/settings/parse-configuration.ts';
import { CloudFormationSchema } from '../cloudformation-schema.ts';
import { VARIANTS } from '../variants.ts';

/** What CloudFormation takes inline. Source: its user guide, "Quotas", template body in a request. */
const INLINE_BYTES = 51_200;

const { context } = JSON.parse(readFileSync(new URL('../../../cdk.json', import.meta.url), 'utf8'));

interface Template {
  readonly Parameters: Readonly<Record<string, { readonly Default?: string }>>;
  readonly Rules?: unknown;
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties?: object }>>;
}

/** Writes the template of these settings. The function is not bundled: the template does not depend on its code. */
function written(settings: Readonly<Record<string, unknown>>) {
  const directory = mkdtempSync(path.join(inject('scratchDirectory'), 'template-'));
  const flags = { ...context, 'aws:cdk:bundling-stacks': [] };
  const names = writePlainTemplate(directory, parseConfiguration(settings), flags);
  const text = readFileSync(path.join(directory, names.template), 'utf8');
  const body: Template = JSON.parse(text);
  return { ...names, directory, text, body };
}

/** What the template refers to, by `Ref`, `Fn::GetAtt` and `Fn::Sub`. */
function references(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, argument]) => {
    if (name === 'Ref') return [String(argument)];
    if (name === 'Fn::GetAtt') return [String([argument].flat()[0]).split('.')[0] ?? ''];
    if (name === 'Fn::Sub' && typeof argument === 'string') {
      return [...argument.matchAll(/\$\{([^}!.]+)[^}]*\}/g)].map(([, target = '']) => target);
    }
    return references(argument);
  });
}

describe.each(Object.entries(VARIANTS))('the plain template of the variant %s', (_, settings) => {
  let plain: ReturnType<typeof written>;
  beforeAll(() => {
    plain = written(settings);
  });

  it('fits into a request', () => {
    expect(Buffer.byteLength(plain.text)).toBeLessThan(INLINE_BYTES);
  });

  it('has no parameters but those of where the code is', () => {
    const { Parameters, Rules } = plain.body;
    expect({ parameters: Object.keys(Parameters), Rules }).toEqual({
      parameters: ['CodeBucket', 'CodePrefix'],
      Rules: undefined,
    });
    expect(plain.text).not.toMatch(/cdk-hnb659fds|BootstrapVersion/);
  });

  it('refers to what it declares, with properties that CloudFormation knows', () => {
    const { Resources, Parameters } = plain.body;
    const known = new Set([...Object.keys(Resources), ...Object.keys(Parameters)]);
    expect(references(plain.body).filter((name) => !known.has(name) && !name.startsWith('AWS::'))).toEqual([]);
    const schema = new CloudFormationSchema();
    expect(Object.values(Resources).flatMap(({ Type, Properties }) => schema.errors(Type, Properties))).toEqual([]);
  });

  it('comes with the code of its functions', () => {
    const keys = Object.values(plain.body.Resources)
      .filter(({ Type }) => Type === 'AWS::Lambda::Function')
      .map(({ Properties }) => Properties && 'Code' in Properties && Properties.Code);
    expect(keys).toEqual(
      plain.archives.map((key) => ({ S3Bucket: { Ref: 'CodeBucket' }, S3Key: { 'Fn::Sub': `\${CodePrefix}${key}` } })),
    );
    expect(readdirSync(plain.directory).sort()).toEqual([plain.template, ...plain.archives].sort());
  });
});
