import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseConfiguration } from '../../../infra/settings/parse-configuration.ts';
import { settingsMetadata } from '../../../infra/stack.ts';
import { runCheck } from '../../../src/cli/doctor/check.ts';
import { inspectDeployment } from '../../../src/cli/doctor/deployment.ts';
import { settingsDeployed } from '../../../src/cli/doctor/settings-check.ts';
import { SETTINGS_METADATA } from '../../../src/contract/outputs.ts';
import { assemblyDirectory } from '../../setup/assembly-directory.ts';
import { type AwsStub, startAwsStub } from '../aws-stub.ts';
import { ledgerAt } from './deployed-world.ts';

let aws: AwsStub;
beforeAll(async () => {
  aws = await startAwsStub();
});
afterAll(() => aws.close());

const metadata = (settings: Readonly<Record<string, unknown>>) => ({
  [SETTINGS_METADATA]: settingsMetadata(parseConfiguration(settings)),
});

/** What doctor says of a stack that was deployed with these settings. @param here The checkout's template. */
function diagnosis(deployed: object | undefined, here: string | undefined) {
  const summary = deployed === undefined ? '' : `<Metadata>${JSON.stringify(deployed)}</Metadata>`;
  aws.answer('GetTemplateSummary', summary);
  return runCheck(
    settingsDeployed,
    inspectDeployment(ledgerAt(aws), async () => here),
  );
}

const template = (settings: Readonly<Record<string, unknown>>) => JSON.stringify({ Metadata: metadata(settings) });

describe('the settings of a deployment', () => {
  it('are those of the checkout', async () => {
    const settings = { retryHours: '48', source: { buckets: ['invoices'] } };
    expect(await diagnosis(metadata(settings), template(settings))).toMatchObject({ outcome: 'ok' });
  });

  it('are told where they are others, in both directions', async () => {
    const found = await diagnosis(
      metadata({ retryHours: 48, source: { buckets: ['invoices'] } }),
      template({ retryHours: 12, batchSize: 500 }),
    );
    expect(found).toEqual({
      outcome: 'note',
      says:
        "deployed with settings other than this checkout's, which the next deployment reverts: " +
        'batchSize (the default, here 500), retryHours (48, here 12), ' +
        'source ({"buckets":["invoices"],"delivery":"eventbridge"}, here the default)',
      todo: expect.stringMatching(/cdk\.json/),
    });
  });

  it('are compared without being written down where they are long', async () => {
    const alert = (to: string) => ({
      emailSender: 'ledger@example.com',
      alerts: [{ name: 'big', minimumBytes: 1, recipients: [to, 'somebody.else@example.com', 'team@example.com'] }],
    });
    const deployed = metadata(alert('one@example.com'));
    expect(JSON.stringify(deployed)).not.toContain('one@example.com');
    const found = await diagnosis(deployed, template(alert('two@example.com')));
    expect(found?.says).toMatch(/: alerts \(something else, here something else\)$/);
  });

  it.each([
    ['no checkout of the stack', metadata({}), undefined],
    ['no settings in the deployed template', undefined, template({})],
    ['another program that has deployed it', { Other: 1 }, template({})],
  ])('are not compared with %s', async (_, deployed, here) => {
    expect(await diagnosis(deployed, here)).toBeUndefined();
  });

  it('are in the template that is deployed', () => {
    const file = path.join(assemblyDirectory(), 'UploadLedger.template.json');
    expect(JSON.parse(readFileSync(file, 'utf8')).Metadata).toEqual({ [SETTINGS_METADATA]: {} });
  });
});
