import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planDemo } from '../../../src/cli/demo/plan.ts';
import { type DemoSummary, findProblems } from '../../../src/cli/demo/proof.ts';
import { runDemo } from '../../../src/cli/demo/run-demo.ts';
import { ledgerReader } from '../../../src/ledger/read/reader.ts';
import type { LedgerRecord } from '../../../src/ledger/record.ts';
import { type LocalStack, startLocalStack } from '../../../src/local/stack.ts';
import { assemblyDirectory } from '../../setup/assembly-directory.ts';

const UPLOADS = 150;

describe('a burst of uploads through presigned URLs, out of order and with duplicates', () => {
  let stack: LocalStack;
  let summary: DemoSummary;

  beforeAll(async () => {
    const notificationFaults = { seed: 3, shuffle: 30, duplicate: 0.2 };
    stack = await startLocalStack({ assemblyDirectory: assemblyDirectory(), notificationFaults });
    ({ summary } = await runDemo(stack, planDemo(UPLOADS, 3)));
  });

  afterAll(() => stack?.close());

  it('gives every change its record and no record too many', () => {
    expect(findProblems(summary)).toEqual([]);
    expect(summary).toMatchObject({ uploaded: UPLOADS, recorded: UPLOADS, deleted: 1, deletesRecorded: 1 });
    expect(summary).toMatchObject({ missing: 0, unexpected: 0, misordered: 0, quarantined: 3 });
  });

  it('has met duplicate notifications, in another order than the uploads', () => {
    expect(summary.duplicatesCollapsed).toBeGreaterThan(0);
  });

  it('reports in its metrics what it recorded, and emits nothing that CloudWatch would refuse', () => {
    expect(stack.metrics.violations).toEqual([]);
    expect(summary.metrics).toMatchObject({ MessagesFailed: 0, MessagesQuarantined: 3, TestEvents: 4 });
    const { RecordsStored = 0, DuplicatesCollapsed = 0 } = summary.metrics;
    // A duplicate within a batch is collapsed before it is counted; one in a later batch is recorded, and counted, again.
    const events = summary.uploaded + summary.deleted + summary.duplicatesCollapsed;
    expect(RecordsStored + DuplicatesCollapsed).toBe(events);
  });

  it('writes in calls of 25', () => {
    const { batchWriteCalls, batchWriteItems } = stack.servers.table.counters;
    expect(batchWriteItems).toBe(summary.metrics.RecordsStored);
    expect(batchWriteCalls).toBeLessThanOrEqual(summary.batches * 4);
  });

  it('keeps both uploads of one key, and the upload of a deleted one, in order', async () => {
    const { clients, tableName, indexShards, bucketName } = stack;
    const reader = ledgerReader({ client: clients.dynamodb, tableName, indexShards });
    const statusesOf = async (key: string) =>
      (await Array.fromAsync(reader.history(bucketName, key))).map(({ status }: LedgerRecord) => status);
    expect(await statusesOf('uploads/report, final.pdf')).toEqual(['uploaded', 'uploaded']);
    expect(await statusesOf('uploads/to be deleted.txt')).toEqual(['uploaded', 'deleted']);
  });
});
