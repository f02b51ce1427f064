import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/consumer/config.ts';
import { EMAIL_SETTINGS_FILE } from '../../src/contract/email-settings.ts';
import { EnvironmentError } from '../../src/shared/environment.ts';
import { alertRule, digestSettings, emailSettings } from '../builders/email-settings.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'upload-ledger-config-'));
afterAll(() => rmSync(directory, { recursive: true }));

const COMPLETE = {
  LEDGER_TABLE_NAME: 'ledger',
  DEAD_LETTER_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/111122223333/dlq',
  INDEX_SHARDS: '8',
  POWERTOOLS_SERVICE_NAME: 'UploadLedger/Uploads',
};

describe('readConfig', () => {
  it('reads the environment, and leaves out what is not set', () => {
    expect(readConfig(COMPLETE)).toEqual({
      tableName: 'ledger',
      deadLetterQueueUrl: COMPLETE.DEAD_LETTER_QUEUE_URL,
      indexShards: 8,
      serviceName: 'UploadLedger/Uploads',
      bucketNames: [],
      metricsByCategory: true,
      uploaderMetadata: false,
      announcesEmails: false,
      ticksSetEnd: false,
      queueUrl: '',
    });
  });

  it('reads the Region, which Lambda sets', () => {
    expect(readConfig({ ...COMPLETE, AWS_REGION: 'eu-west-1' }).region).toBe('eu-west-1');
  });

  it('reads the names of the buckets', () => {
    expect(readConfig({ ...COMPLETE, BUCKET_NAMES: 'acme-uploads,acme.archive' }).bucketNames).toEqual([
      'acme-uploads',
      'acme.archive',
    ]);
  });

  it('reads that metrics are not told apart by category', () => {
    expect(readConfig({ ...COMPLETE, METRICS_BY_CATEGORY: 'false' }).metricsByCategory).toBe(false);
  });

  it('reads that metadata is looked up', () => {
    expect(readConfig({ ...COMPLETE, UPLOADER_METADATA: 'true' }).uploaderMetadata).toBe(true);
  });

  it('reads a key template and a retention', () => {
    const config = readConfig({ ...COMPLETE, UPLOADER_KEY_TEMPLATE: 'uploads/{uploader}/{*}', RETENTION_DAYS: '400' });
    expect(config.uploaderKeyTemplate?.text).toBe('uploads/{uploader}/{*}');
    expect(config.retentionDays).toBe(400);
  });

  it('reads the email settings of a file in the directory of the function', () => {
    const settings = emailSettings({ digests: [digestSettings('daily')], alerts: [alertRule('all')] });
    writeFileSync(path.join(directory, EMAIL_SETTINGS_FILE), JSON.stringify(settings));
    const UPLOADS_QUEUE_URL = 'https://sqs.eu-west-1.amazonaws.com/111122223333/uploads';
    const file = { LAMBDA_TASK_ROOT: directory, EMAIL_SETTINGS: EMAIL_SETTINGS_FILE };
    const environment = { ...COMPLETE, ...file, UPLOADS_QUEUE_URL };
    expect(readConfig(environment)).toMatchObject({ email: settings, queueUrl: UPLOADS_QUEUE_URL });
    expect(() => readConfig({ ...environment, UPLOADS_QUEUE_URL: '' })).toThrow('UPLOADS_QUEUE_URL');
    expect(readConfig({ ...environment, EMAIL_SETTINGS: undefined })).not.toHaveProperty('email');
  });

  it('says which file of email settings it cannot read', () => {
    const environment = { ...COMPLETE, LAMBDA_TASK_ROOT: directory, EMAIL_SETTINGS: 'absent.json' };
    expect(() => readConfig(environment)).toThrow(/Expected EMAIL_SETTINGS to name a file of JSON: .*absent\.json/);
  });

  it('treats an empty variable like one that is not set', () => {
    expect(readConfig({ ...COMPLETE, RETENTION_DAYS: '' })).not.toHaveProperty('retentionDays');
    expect(() => readConfig({ ...COMPLETE, LEDGER_TABLE_NAME: '' })).toThrow('LEDGER_TABLE_NAME');
  });

  it('throws every issue at once, with what came', () => {
    const broken = {
      INDEX_SHARDS: '-1',
      RETENTION_DAYS: '1.5',
      DEAD_LETTER_QUEUE_URL: 'dlq',
      UPLOADER_KEY_TEMPLATE: '{nobody}',
    };
    const read = () => readConfig(broken);
    expect(read).toThrow(EnvironmentError);
    for (const name of [...Object.keys(broken), 'LEDGER_TABLE_NAME']) expect(read).toThrow(name);
    for (const came of ['"-1"', '"1.5"', '"dlq"', '{nobody}']) expect(read).toThrow(came);
  });

  it.each(['0', '-1', '1.5', '1e3', ' 8', 'eight', '9999999999'])('refuses %j shards', (INDEX_SHARDS) => {
    expect(() => readConfig({ ...COMPLETE, INDEX_SHARDS })).toThrow('INDEX_SHARDS');
  });
});
