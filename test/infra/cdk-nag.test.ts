import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import { parseConfiguration } from '../../infra/settings/parse-configuration.ts';
import { UploadLedgerStack } from '../../infra/stack.ts';
import { ACCEPTED } from './accepted-findings.ts';
import { appWithoutBundles } from './synthesized.ts';
import { VARIANTS } from './variants.ts';

interface Finding {
  readonly rule: string;
  readonly path: string;
}

/** Everything that both packs say against the stack, errors and warnings alike. */
function findings(settings: Readonly<Record<string, string>>): Finding[] {
  const stack = new UploadLedgerStack(appWithoutBundles(), parseConfiguration(settings));
  return [new AwsSolutionsChecks(), new ServerlessChecks()]
    .flatMap((pack) => pack.validateScope(stack).violations)
    .flatMap(({ ruleName: rule, violatingResources }) =>
      violatingResources.map(({ constructPath: path = '' }) => ({ rule, path })),
    );
}

const found = new Map(Object.entries(VARIANTS).map(([name, settings]) => [name, findings(settings)]));
const acceptedFor = ({ rule, path }: Finding) => ACCEPTED.find((one) => one.rule === rule && one.at.test(path));

describe('cdk-nag', () => {
  it.each([...found])('has only accepted findings in the variant %s', (_, all) => {
    expect(all.filter((finding) => acceptedFor(finding) === undefined)).toEqual([]);
  });

  it('still has every accepted finding', () => {
    const needed = new Set([...found.values()].flat().map(acceptedFor));
    expect(ACCEPTED.filter((one) => !needed.has(one))).toEqual([]);
  });

  it('has findings in every variant, so it sees the stacks', () => {
    expect([...found.values()].every((all) => all.length > 0)).toBe(true);
  });
});
