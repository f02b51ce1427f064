import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MEASURED } from '../../../src/estimate/prices.ts';
import { toItem } from '../../../src/ledger/item.ts';
import { ledgerReader } from '../../../src/ledger/read/reader.ts';
import { presignUpload } from '../../../src/local/s3/presign.ts';
import { type LocalStack, startLocalStack } from '../../../src/local/stack.ts';
import { assemblyDirectory } from '../../setup/assembly-directory.ts';

const UPLOADS = 12;
/** What CloudWatch Logs counts beside each line's own bytes. Source: CloudWatch Logs pricing. */
const LINE_OVERHEAD = 26;

describe('MEASURED', () => {
  let stack: LocalStack;
  let logBytes = 0;
  let batches = 0;
  let messages = 0;

  beforeAll(async () => {
    stack = await startLocalStack({
      assemblyDirectory: assemblyDirectory(),
      onLog: ({ line, stream }) => {
        if (stream !== 'platform') logBytes += Buffer.byteLength(line) + LINE_OVERHEAD;
      },
      onBatch: ({ size }) => {
        batches += 1;
        messages += size;
      },
    });
    await stack.drained();
    [logBytes, batches, messages] = [0, 0, 0];
    for (let index = 0; index < UPLOADS; index += 1) {
      const key = `uploads/somebody/2026/11/holiday-${index}.jpg`;
      const url = await presignUpload(stack.clients.s3, { bucket: stack.bucketName, key });
      await fetch(url, { method: 'PUT', body: 'content' });
    }
    await stack.drained();
  });

  afterAll(() => stack?.close());

  it('is no less than the bytes of logs that batches write', () => {
    const stated = batches * MEASURED.batchLogBytes + messages * MEASURED.uploadLogBytes;
    expect(messages).toBe(UPLOADS);
    expect(logBytes).toBeLessThanOrEqual(stated);
    expect(logBytes).toBeGreaterThan(stated / 2);
  });

  it('is no less than the bytes of a record with an ordinary key', async () => {
    const { clients, tableName, indexShards } = stack;
    const reader = ledgerReader({ client: clients.dynamodb, tableName, indexShards });
    for await (const record of reader.all()) {
      const bytes = Object.entries(toItem(record)).reduce((sum, [name, value]) => {
        return sum + Buffer.byteLength(name) + Buffer.byteLength(Object.values(value)[0] ?? '');
      }, 0);
      expect(bytes).toBeLessThanOrEqual(MEASURED.recordBytes);
      expect(bytes).toBeGreaterThan(MEASURED.recordBytes / 2);
    }
  });
});
