import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { DeleteObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand } from '@aws-sdk/client-sqs';
import { TABLE } from '../../../src/contract/table.ts';
import { scanRecords } from '../../../src/ledger/read/reader.ts';
import type { LedgerRecord, RecordingSettings, RecordSource } from '../../../src/ledger/record.ts';
import { toLedgerRecord } from '../../../src/ledger/record.ts';
import type { ObjectChange } from '../../../src/local/s3/notification.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { toUpload } from '../../../src/upload/upload.ts';
import { BUCKET, type Services, startServices } from '../../local/servers/service-server-fixture.ts';
import { INDEX_SHARDS, type LedgerTable, openLedgerTable } from '../read/reader-table.ts';

export { BUCKET };

/** A bucket and a ledger, and a pipeline between them that works on request. */
export interface BucketWorld {
  readonly s3: S3Client;
  readonly services: Services;
  readonly table: LedgerTable;
  /** Puts an object; `seen`: the pipeline records it. */
  put(key: string, body: string, seen?: 'seen' | 'unseen'): Promise<void>;
  remove(key: string, seen?: 'seen' | 'unseen'): Promise<void>;
  /** The pipeline records the last change of the object late. */
  record(key: string): Promise<void>;
  records(): Promise<LedgerRecord[]>;
  /** @returns its URL. */
  createQueue(name: string): Promise<string>;
  /** Takes records out of the table. */
  forget(...records: readonly LedgerRecord[]): Promise<void>;
  /** Empties both. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

export function settingsFor(source: RecordSource): RecordingSettings {
  return { uploads: {}, records: { indexShards: INDEX_SHARDS, source } };
}

/** Nobody waits, and time is that of the machine. */
export const UNPACED = { clock: { ...systemClock, sleep: async () => undefined } } as const;

export async function openBucketWorld(): Promise<BucketWorld> {
  const [services, table] = await Promise.all([startServices(), openLedgerTable()]);
  const { s3, changes } = services;
  const recordLast = async (seen: 'seen' | 'unseen') => {
    const change = changes.at(-1);
    if (seen === 'seen' && change !== undefined) await table.put(recordOfChange(change));
  };
  const records = () => Array.fromAsync(scanRecords(table));
  const forget = async (...all: readonly LedgerRecord[]) => {
    for (const { s3_object, upload_id } of all) {
      const Key = { [TABLE.partitionKey]: { S: s3_object }, [TABLE.sortKey]: { S: upload_id } };
      await table.client.send(new DeleteItemCommand({ TableName: table.tableName, Key }));
    }
  };
  const remove: BucketWorld['remove'] = async (key, seen = 'seen') => {
    await s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: key }));
    await recordLast(seen);
  };
  return {
    s3,
    services,
    table,
    createQueue: async (QueueName) => {
      const { QueueUrl } = await services.sqs.send(new CreateQueueCommand({ QueueName }));
      return QueueUrl ?? '';
    },
    put: async (key, body, seen = 'seen') => {
      await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: body }));
      await recordLast(seen);
    },
    remove,
    record: async (key) => {
      const change = changes.findLast((one) => one.key === key);
      if (change !== undefined) await table.put(recordOfChange(change));
    },
    records,
    forget,
    clear: async () => {
      for (const { key } of changes.splice(0)) await remove(key, 'unseen');
      changes.length = 0;
      await forget(...(await records()));
    },
    close: async () => {
      await Promise.all([services.stop(), table.close()]);
    },
  };
}

/** What the consumer writes for the notification of `change`. */
export function recordOfChange({ kind, ...change }: ObjectChange): LedgerRecord {
  const eventName = kind === 'Delete' ? 'ObjectRemoved:Delete' : `ObjectCreated:${kind}`;
  const upload = toUpload({ ...change, eventName }, {});
  if (upload === undefined) throw new Error(`not an event that is stored: ${kind}`);
  return toLedgerRecord(upload, { indexShards: INDEX_SHARDS, source: 'notification' });
}
