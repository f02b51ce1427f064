import { describe, expect, it } from 'vitest';
import { EnvironmentError, readConfig } from '../../src/consumer/config.ts';

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
      uploaderMetadata: false,
    });
  });

  it('reads the names of the buckets', () => {
    expect(readConfig({ ...COMPLETE, BUCKET_NAMES: 'acme-uploads,acme.archive' }).bucketNames).toEqual([
      'acme-uploads',
      'acme.archive',
    ]);
  });

  it('reads that metadata is looked up', () => {
    expect(readConfig({ ...COMPLETE, UPLOADER_METADATA: 'true' }).uploaderMetadata).toBe(true);
  });

  it('reads a key template and a retention', () => {
    const config = readConfig({ ...COMPLETE, UPLOADER_KEY_TEMPLATE: 'uploads/{uploader}/{*}', RETENTION_DAYS: '400' });
    expect(config.uploaderKeyTemplate?.text).toBe('uploads/{uploader}/{*}');
    expect(config.retentionDays).toBe(400);
  });

  it('reads email with a sender, and alerts with rules', () => {
    const EMAIL_SENDER = 'ledger@example.com';
    expect(readConfig({ ...COMPLETE, EMAIL_SENDER }).email).toEqual({ sender: EMAIL_SENDER });
    const alerts = { ALERT_RULES: '[]', ALERTS_PER_MINUTE: '7' };
    expect(readConfig({ ...COMPLETE, EMAIL_SENDER, ...alerts }).email).toEqual({
      sender: EMAIL_SENDER,
      alerts: { rules: '[]', perMinute: 7 },
    });
    expect(readConfig({ ...COMPLETE, ...alerts })).not.toHaveProperty('email');
  });

  it.each([
    { EMAIL_SENDER: 'Ledger <ledger@example.com>' },
    { ALERT_RULES: '[]' },
    { ALERT_RULES: '[]', ALERTS_PER_MINUTE: '0' },
  ])('refuses %j', (wrong) => {
    const name = Object.keys(wrong).length === 1 && 'EMAIL_SENDER' in wrong ? 'EMAIL_SENDER' : 'ALERTS_PER_MINUTE';
    expect(() => readConfig({ ...COMPLETE, ...wrong })).toThrow(name);
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
