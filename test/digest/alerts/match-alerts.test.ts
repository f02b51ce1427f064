import { describe, expect, it } from 'vitest';
import { MAX_ALERT_MENTIONS } from '../../../src/contract/alert-message.ts';
import type { AlertRule } from '../../../src/contract/email-settings.ts';
import { matchAlerts as matchBatch, matchesRule } from '../../../src/digest/alerts/alert-rules.ts';
import type { LedgerRecord } from '../../../src/ledger/record.ts';
import { record, records, versionDelete } from '../records.ts';

function rule(conditions: Partial<AlertRule>): AlertRule {
  return { name: 'rule', recipients: ['team@example.com'], timeZone: 'UTC', ...conditions };
}

const matchAlerts = (batch: readonly LedgerRecord[], rules: readonly AlertRule[]) =>
  matchBatch(batch, rules, 'batch-1');

describe('matchesRule', () => {
  const upload = record({
    s3_key: 'invoices/2026/11.pdf',
    filesize: 1000,
    category: 'document',
    uploader: 'alice',
  });

  it.each([
    ['the start of the key', { prefix: 'invoices/' }, { prefix: 'Invoices/' }],
    ['the end of the key', { suffix: '.pdf' }, { suffix: '.PDF' }],
    ['the category', { category: 'document' }, { category: 'image' }],
    ['the uploader', { uploader: 'alice' }, { uploader: 'alic' }],
    ['the size, the bound itself included', { minimumBytes: 1000 }, { minimumBytes: 1001 }],
    ['what happened', {}, { status: 'deleted' as const }],
    ['all conditions together', { prefix: 'invoices/', suffix: '.pdf' }, { prefix: 'invoices/', suffix: '.txt' }],
  ])('compares %s', (_, matching, other) => {
    expect(matchesRule(upload, rule(matching))).toBe(true);
    expect(matchesRule(upload, rule(other))).toBe(false);
  });

  it('is true for deletes, of versions and by a lifecycle rule too, when the rule asks for deletes', () => {
    const deletes = rule({ status: 'deleted', prefix: 'photos/' });
    expect(matchesRule(record({ status: 'deleted' }), deletes)).toBe(true);
    expect(matchesRule(versionDelete(), deletes)).toBe(true);
    expect(matchesRule(versionDelete({ event_name: 'LifecycleExpiration:Delete' }), deletes)).toBe(true);
    expect(matchesRule(record({ status: 'deleted', s3_key: 'other' }), deletes)).toBe(false);
    expect(matchesRule(record({ status: 'restored' }), deletes)).toBe(false);
  });

  it('is true for every upload when the rule asks for everything', () => {
    expect(matchesRule(upload, rule({ everything: true }))).toBe(true);
  });

  it('is false for a condition on a size or an uploader that the record does not have', () => {
    const { filesize: _, ...sizeless } = record();
    expect(matchesRule(sizeless, rule({ minimumBytes: 0 }))).toBe(false);
    expect(matchesRule(record(), rule({ uploader: 'alice' }))).toBe(false);
  });
});

describe('matchAlerts', () => {
  it('gives one alert for each rule that matches, in the order of the rules', () => {
    const rules = [
      rule({ name: 'b', everything: true }),
      rule({ name: 'none', suffix: '.exe' }),
      rule({ name: 'a', prefix: 'key-1' }),
    ];
    const alerts = matchAlerts(records(20), rules);
    expect(alerts.map(({ rule: { name }, count, bytes }) => ({ name, count, bytes }))).toEqual([
      { name: 'b', count: 20, bytes: 20_000 },
      { name: 'a', count: 11, bytes: 11_000 },
    ]);
  });

  it('names each by the batch and its rule, and says where it goes', () => {
    const [alert] = matchAlerts(records(1), [rule({ name: 'all', everything: true })]);
    expect(alert).toMatchObject({ id: 'batch-1/all', channels: { email: ['team@example.com'] } });
  });

  it('names the buckets of all matches, also of those that it does not list', () => {
    const late = record({ s3_bucket: 'receipts', timestamp: '2099-01-01T00:00:00.000Z' });
    const [alert] = matchAlerts([late, ...records(MAX_ALERT_MENTIONS)], [rule({ everything: true })]);
    expect(alert?.mentions.map(({ bucket }) => bucket)).not.toContain('receipts');
    expect(alert?.buckets).toEqual([record().s3_bucket, 'receipts']);
  });

  it('matches uploads alone', () => {
    const rules = [rule({ everything: true })];
    expect(matchAlerts([record({ status: 'deleted' }), record({ status: 'restored' })], rules)).toEqual([]);
    expect(matchAlerts([], rules)).toEqual([]);
    expect(matchAlerts([record()], [])).toEqual([]);
  });

  it('counts every match and names the first ones by time', () => {
    const batch = records(50, (at) => ({ timestamp: `2026-11-22T10:15:${String(59 - at).padStart(2, '0')}.000Z` }));
    const [alert] = matchAlerts(batch, [rule({ everything: true })]);
    expect(alert?.count).toBe(50);
    expect(alert?.mentions).toHaveLength(MAX_ALERT_MENTIONS);
    expect(alert?.mentions[0]).toMatchObject({ key: 'key-49', timestamp: '2026-11-22T10:15:10.000Z' });
  });

  it('orders matches of one time by key, and uploads of one key by id', () => {
    const upload = (timestamp: string, s3_key: string, upload_id: string) => record({ timestamp, s3_key, upload_id });
    const inOrder = [
      upload('2026-11-22T10:15:01.000Z', 'b', '01'),
      upload('2026-11-22T10:15:02.000Z', 'a', '02'),
      upload('2026-11-22T10:15:02.000Z', 'b', '01'),
      upload('2026-11-22T10:15:02.000Z', 'b', '02'),
      upload('2026-11-22T10:15:03.000Z', 'a', '01'),
    ];
    const named = (batch: typeof inOrder) =>
      matchAlerts(batch, [rule({ everything: true })])[0]?.mentions.map(({ key, uploadId }) => key + uploadId);
    const expected = ['b01', 'a02', 'b01', 'b02', 'a01'];
    // Whatever the order of the records: from each start, in both directions.
    for (const at of inOrder.keys()) {
      const batch = [...inOrder.slice(at), ...inOrder.slice(0, at)];
      expect([named(batch), named(batch.reverse())]).toEqual([expected, expected]);
    }
  });

  it('counts an upload without a size as 0 bytes', () => {
    const { filesize: _, ...sizeless } = record();
    expect(matchAlerts([sizeless, record()], [rule({ everything: true })])).toMatchObject([{ count: 2, bytes: 1000 }]);
  });
});
