import type { LedgerRecord } from '../../ledger/record.ts';
import { formatBytes, formatCount } from '../../shared/format.ts';
import { visibleText } from '../../shared/text.ts';
import type { UploaderSource } from '../../upload/upload.ts';
import { timeText } from './record-columns.ts';

/** How the uploader was found, for people. */
const FOUND: Readonly<Record<UploaderSource, string>> = {
  'key-template': 'named by the key',
  metadata: "named by the object's metadata",
  'session-name': 'session name of the role that signed',
  principal: 'principal that signed',
};

/** Everything that one record says, as names and printable values in the order in which people ask; without what it does not say. */
export function recordDetails(record: LedgerRecord): [name: string, value: string][] {
  const { filesize, category, content_type, expires_at } = record;
  const details: [string, string | undefined][] = [
    ['status', record.status],
    ['when', `${timeText(record.timestamp)} UTC`],
    ['size', filesize === undefined ? undefined : sizeText(filesize)],
    ['uploader', uploaderText(record)],
    ['from', record.source_ip],
    ['type', content_type === undefined ? category : `${content_type} (${category})`],
    ['event', record.event_name],
    ['etag', record.etag],
    ['version', record.version_id],
    ['request', record.request_id],
    ['region', record.region],
    ['recorded by', record.source],
    ['expires', expires_at === undefined ? undefined : `${timeText(new Date(expires_at * 1000).toISOString())} UTC`],
  ];
  return details.flatMap(([name, value]) => (value === undefined ? [] : [[name, visibleText(value)]]));
}

function sizeText(bytes: number): string {
  return bytes < 1000 ? formatBytes(bytes) : `${formatBytes(bytes)} (${formatCount(bytes)} bytes)`;
}

function uploaderText({ uploader, uploader_source }: LedgerRecord): string {
  if (uploader === undefined) return 'not known';
  return uploader_source === undefined ? uploader : `${uploader} (${FOUND[uploader_source]})`;
}
