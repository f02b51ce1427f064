import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SETTINGS } from '../../infra/settings/configuration.ts';
import { parseConfiguration } from '../../infra/settings/parse-configuration.ts';

const source = readFileSync(new URL('../../infra/upload-ledger-props.ts', import.meta.url), 'utf8');
const [, settings = ''] = source.match(/export interface UploadLedgerProps \{(.*?)^\}/ms) ?? [];
const documented = new Map(
  [...settings.matchAll(/\/\*\*([\s\S]*?)\*\/\s*readonly (\w+)\?/g)].map(([, comment = '', name = '']) => [
    name,
    comment.match(/@default ([\s\S]+?)\s*$/)?.[1],
  ]),
);

describe('the documentation of UploadLedgerProps', () => {
  it('covers every setting but the stack’s name', () => {
    expect([...documented.keys(), 'stackName'].sort()).toEqual(Object.keys(SETTINGS.shape).sort());
  });

  it('states the defaults that the code has', () => {
    for (const [name, value] of Object.entries(parseConfiguration({}))) {
      if (name !== 'stackName') expect(documented.get(name), name).toBe([value].flat().join(', '));
    }
  });

  it('says what happens without the settings that have no default value', () => {
    for (const name of [
      'bucketName',
      'prefix',
      'suffix',
      'uploaderKeyTemplate',
      'retentionDays',
      'existingBuckets',
      'sourceTopicArn',
      'recordedEventsBus',
      'emailSender',
      'digests',
      'alerts',
      'alarmEmails',
      'alarmTopicArn',
      'silenceHours',
      'deletesPerFiveMinutes',
    ]) {
      expect(documented.get(name), name).toMatch(/\w+/);
    }
  });
});
