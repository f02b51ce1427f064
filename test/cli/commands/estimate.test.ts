import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenLedger } from '../../../src/cli/connection.ts';
import { assemblyDirectory } from '../../setup/assembly-directory.ts';
import { type AwsStub, startAwsStub } from '../aws-stub.ts';
import { ledgerOf, linesOf, runCli } from '../cli.ts';

const FLAGS = ['--uploads-per-month', '1000000'];

let aws: AwsStub;

beforeEach(async () => {
  aws = await startAwsStub();
});
afterEach(() => aws.close());

/** The ledger of a stack that was deployed with `template`. */
function deployedWith(template: string): OpenLedger {
  aws.answer(
    'GetTemplate',
    `<TemplateBody>${template.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</TemplateBody>`,
  );
  const client = new CloudFormationClient(aws.settings);
  const opened = ledgerOf({ client: { send: () => undefined } as never, tableName: 'table', indexShards: 8 });
  return { ...opened, stackName: 'Prod', clients: { ...opened.clients, cloudformation: async () => client } };
}

async function defaultTemplate(): Promise<string> {
  return readFile(path.join(assemblyDirectory(), 'UploadLedger.template.json'), 'utf8');
}

describe('estimate', () => {
  it('prices the template that a stack was deployed with', async () => {
    const { stdout, stderr, exitCode, connections } = await runCli(['estimate', ...FLAGS, '--stack', 'Prod'], {
      ledger: deployedWith(await defaultTemplate()),
    });
    await expect(stdout).toMatchFileSnapshot('../golden/estimate.txt');
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    expect(connections).toMatchObject([{ stack: 'Prod' }]);
    expect(aws.asked[0]).toMatchObject({ action: 'GetTemplate', parameters: { StackName: 'Prod' } });
  });

  it('writes the same figures as JSON', async () => {
    const { stdout } = await runCli(['estimate', ...FLAGS, '--stack', 'Prod', '--json'], {
      ledger: deployedWith(await defaultTemplate()),
    });
    const { total, byService, lines, workload, unpriced } = JSON.parse(stdout);
    expect(linesOf(stdout)).toHaveLength(1);
    expect(workload.uploadsPerMonth).toBe(1_000_000);
    expect(Object.values<number>(byService).reduce((sum, dollars) => sum + dollars, 0)).toBeCloseTo(total);
    expect({ services: Object.keys(byService).length, lines: lines.length > 10, unpriced }).toEqual({
      services: 4,
      lines: true,
      unpriced: [],
    });
  });

  it('says that the stack is not an upload-ledger stack', async () => {
    for (const template of ['Resources: {}', '{"Resources":{}}']) {
      const { stderr, exitCode } = await runCli(['estimate', '--stack', 'Prod'], { ledger: deployedWith(template) });
      expect({ lines: linesOf(stderr), exitCode }).toEqual({
        lines: [expect.stringMatching(/the stack is not an upload-ledger stack/)],
        exitCode: 2,
      });
    }
  });
});
