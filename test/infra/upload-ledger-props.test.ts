import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SETTINGS } from '../../infra/settings/configuration.ts';
import { parseProps } from '../../infra/settings/parse-configuration.ts';

const source = readFileSync(new URL('../../infra/upload-ledger-props.ts', import.meta.url), 'utf8');
const [, settings = ''] = source.match(/export interface UploadLedgerProps \{(.*?)^\}/ms) ?? [];
const documented = new Map(
  [...settings.matchAll(/\/\*\*([\s\S]*?)\*\/\s*readonly (\w+)\?/g)].map(([, comment = '', name = '']) => [
    name,
    comment.match(/@default ([\s\S]+?)\s*$/)?.[1],
  ]),
);

describe('the documentation of UploadLedgerProps', () => {
  it('covers every setting of a ledger', () => {
    expect([...documented.keys()].sort()).toEqual(Object.keys(SETTINGS.shape).sort());
  });

  it('states the defaults that the code has', () => {
    for (const [name, value] of Object.entries(parseProps({}, 'Stack/Uploads'))) {
      if (name !== 'source') expect(documented.get(name), name).toBe([value].flat().join(', '));
    }
  });

  it('says what happens without the settings that have no default value', () => {
    for (const name of [
      'source',
      'prefix',
      'suffix',
      'uploaderKeyTemplate',
      'retentionDays',
      'recordedEventsBus',
      'emailSender',
      'digests',
      'alerts',
      'consoleUrl',
      'alarmEmails',
      'alarmTopic',
      'runbookUrl',
      'silenceHours',
      'deletesPerFiveMinutes',
    ]) {
      expect(documented.get(name), name).toMatch(/\w+/);
    }
  });
});
