import type { LedgerRecord } from '../../ledger/record.ts';
import { formatBytes } from '../../shared/format.ts';
import { visibleText } from '../../shared/text.ts';
import type { Column } from './table.ts';

/** `2026-11-22 10:00:00`, in UTC. */
export const timeColumn: Column<LedgerRecord> = {
  title: 'TIME (UTC)',
  width: 19,
  text: (record) => timeText(record.timestamp),
  style: () => 'dim',
};

/** What happened: the size of an upload, the status of everything else. */
export const sizeColumn: Column<LedgerRecord> = {
  title: 'SIZE',
  width: 9,
  align: 'right',
  text: ({ status, filesize }) => (status === 'uploaded' && filesize !== undefined ? formatBytes(filesize) : status),
  style: ({ status }) => (status === 'deleted' ? 'red' : undefined),
};

export const uploaderColumn: Column<LedgerRecord> = {
  title: 'UPLOADER',
  width: 16,
  text: ({ uploader }) => (uploader === undefined ? '-' : visibleText(uploader)),
  style: ({ uploader }) => (uploader === undefined ? 'dim' : 'cyan'),
};

/** The key; with `s3://bucket/` in front where the bucket is not the ledger's own. */
export function keyColumn(ownBucket: string): Column<LedgerRecord> {
  return {
    title: 'KEY',
    width: 'rest',
    keep: 'end',
    text: ({ s3_bucket, s3_key }) => visibleText(s3_bucket === ownBucket ? s3_key : `s3://${s3_bucket}/${s3_key}`),
  };
}

/** An ISO time for people, to the second. */
export function timeText(timestamp: string): string {
  return timestamp.slice(0, 19).replace('T', ' ');
}
