import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readEmailSettings } from '../../src/cli/email-settings.ts';
import { EMAIL_SETTINGS_FILE } from '../../src/contract/email-settings.ts';
import { alertRule, emailSettings } from '../builders/email-settings.ts';
import { type AwsStub, startAwsStub } from './aws-stub.ts';
import { functionHasFiles, functionIs, ledgerAt } from './doctor/deployed-world.ts';

let aws: AwsStub;
beforeEach(async () => {
  aws = await startAwsStub();
});
afterEach(() => aws.close());

const SETTINGS = emailSettings({ alerts: [alertRule('ü')] });

describe('readEmailSettings', () => {
  it('reads the file of the deployed function, wherever it is in its code', async () => {
    functionHasFiles(aws, { 'a.mjs': 'export {};', [EMAIL_SETTINGS_FILE]: JSON.stringify(SETTINGS), 'b.mjs': '' });
    expect(await readEmailSettings(ledgerAt(aws))).toEqual(SETTINGS);
  });

  it('finds none where the function has none', async () => {
    functionIs(aws);
    expect(await readEmailSettings(ledgerAt(aws))).toBeUndefined();
  });

  it('takes those of the local stack from where it says what it is', async () => {
    expect(await readEmailSettings({ ...ledgerAt(aws), isLocal: true, email: SETTINGS })).toEqual(SETTINGS);
  });

  it('says what is wrong with code that has no such file', async () => {
    functionHasFiles(aws, { 'a.mjs': 'export {};' });
    await expect(readEmailSettings(ledgerAt(aws))).rejects.toThrow(/its code has no file email-settings\.json: deploy/);
  });
});
