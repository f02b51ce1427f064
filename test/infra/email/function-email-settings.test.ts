import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import { functionEmailSettings } from '../../../infra/email/function-email-settings.ts';
import { parseConfiguration } from '../../../infra/settings/parse-configuration.ts';
import { UploadLedger } from '../../../infra/upload-ledger.ts';
import { EMAIL_SETTINGS_FILE } from '../../../src/contract/email-settings.ts';
import { temporaryApp } from '../synthesized.ts';

const emailSender = 'ledger@example.com';
const recipients = ['team@example.com'];
const DIGEST = { name: 'daily', schedule: 'rate(7 days)', recipients };
const ALERT = { name: 'large', minimumBytes: 1_000_000, recipients };

const settingsOf = (settings: object) => functionEmailSettings(parseConfiguration({ emailSender, ...settings }));

describe('the email settings of the function', () => {
  it('have every default filled in, and the time that a digest may wait by its schedule', () => {
    expect(settingsOf({ digests: [DIGEST], alerts: [ALERT] })).toEqual({
      sender: emailSender,
      digests: [{ name: 'daily', recipients, timeZone: 'UTC', minimumUploads: 1, maxWaitDays: 21 }],
      alerts: [{ ...ALERT, timeZone: 'UTC' }],
      alertsPerMinute: 10,
    });
  });

  it('have the link of emails', () => {
    const consoleUrl = 'https://ledger.example.com/#/search?last=24h';
    expect(settingsOf({ alerts: [ALERT], consoleUrl })).toMatchObject({ consoleUrl });
  });

  it('are none where there is nothing to send', () => {
    expect(functionEmailSettings(parseConfiguration({}))).toBeUndefined();
  });

  it('have room for as many recipients as there may be', () => {
    const many = Array.from({ length: 50 }, (_, at) => `somebody-${at}@example.com`);
    const alerts = Array.from({ length: 20 }, (_, at) => ({ ...ALERT, name: `rule-${at}`, recipients: many }));
    expect(settingsOf({ alerts, alertsPerMinute: 20 })?.alerts).toHaveLength(20);
  });

  it('are in the code of each ledger of an app, its own', () => {
    const app = temporaryApp();
    const stack = new Stack(app, 'Stack');
    for (const id of ['One', 'Two']) new UploadLedger(stack, id, { emailSender, alerts: [{ ...ALERT, name: id }] });
    new UploadLedger(stack, 'Silent');
    const { directory } = app.synth();
    const assets = readdirSync(directory)
      .filter((name) => existsSync(path.join(directory, name, 'consumer.mjs')))
      .map((name) => path.join(directory, name, EMAIL_SETTINGS_FILE));
    const names = assets.map((file) =>
      existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).alerts[0].name : 'none',
    );
    expect(names.sort()).toEqual(['One', 'Two', 'none']);
  });
});
