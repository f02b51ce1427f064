import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { CATEGORIES, CONTENT_TYPE_SOURCES, UPLOAD_STATUSES, UPLOADER_SOURCES } from '../contract/uploads.ts';
import { UploadLedgerError } from '../shared/errors.ts';
import { type LedgerRecord, RECORD_SOURCES } from './record.ts';
import type { RecordKey } from './record-key.ts';

/** An attribute value in DynamoDB's JSON: the two types that a ledger record needs. */
type RecordAttribute = { readonly S: string } | { readonly N: string };

/** A ledger record as DynamoDB takes it: the `Item` of a put. */
export type RecordItem = Record<string, RecordAttribute>;

/** An item that is no record, and can be put in the same calls as records. */
export interface OtherItem extends RecordKey {
  /** All of them, those of the key included. */
  readonly attributes: RecordItem;
}

/**
 * The attributes of `record`, to be written as JSON: an undefined attribute is absent there.
 *
 * Attribute by attribute and in the record's own order, because objects of one shape are made and written in less than
 * half the time that a loop over the record takes.
 */
export function toAttributes(record: LedgerRecord): Readonly<Record<keyof LedgerRecord, RecordAttribute | undefined>> {
  return {
    s3_object: { S: record.s3_object },
    upload_id: { S: record.upload_id },
    filename: { S: record.filename },
    s3_bucket: { S: record.s3_bucket },
    s3_key: { S: record.s3_key },
    filesize: toNumber(record.filesize),
    timestamp: { S: record.timestamp },
    status: { S: record.status },
    content_type: toText(record.content_type),
    content_type_source: toText(record.content_type_source),
    category: { S: record.category },
    source_ip: toText(record.source_ip),
    event_name: { S: record.event_name },
    etag: toText(record.etag),
    version_id: toText(record.version_id),
    request_id: toText(record.request_id),
    region: toText(record.region),
    source: { S: record.source },
    day_shard: { S: record.day_shard },
    uploader: toText(record.uploader),
    uploader_source: toText(record.uploader_source),
    uploader_shard: toText(record.uploader_shard),
    expires_at: toNumber(record.expires_at),
  };
}

/** The item of `record` for the SDK, without absent attributes. */
export function toItem(record: LedgerRecord | OtherItem): RecordItem {
  if ('attributes' in record) return record.attributes;
  const item: RecordItem = {};
  for (const [name, attribute] of Object.entries(toAttributes(record))) {
    if (attribute !== undefined) item[name] = attribute;
  }
  return item;
}

function toText(value: string | undefined): RecordAttribute | undefined {
  return value === undefined ? undefined : { S: value };
}

function toNumber(value: number | undefined): RecordAttribute | undefined {
  return value === undefined ? undefined : { N: String(value) };
}

/** An item of the table that is no ledger record: something else, or written by something else. */
export class NotALedgerRecordError extends UploadLedgerError {
  override readonly name = 'NotALedgerRecordError';

  constructor(attribute: string, expected: string, key: string) {
    super('not-a-ledger-record', `expected the item ${key} to be a ledger record: ${attribute} is not ${expected}`);
  }
}

type Item = Readonly<Record<string, AttributeValue>>;

/** What an attribute holds: a type, or one of some texts. */
type Kind = 'text' | 'number' | 'time' | readonly string[];

const KINDS: { readonly [Name in keyof Required<LedgerRecord>]: Kind } = {
  s3_object: 'text',
  upload_id: 'text',
  filename: 'text',
  s3_bucket: 'text',
  s3_key: 'text',
  filesize: 'number',
  timestamp: 'time',
  status: UPLOAD_STATUSES,
  content_type: 'text',
  content_type_source: CONTENT_TYPE_SOURCES,
  category: CATEGORIES,
  uploader: 'text',
  uploader_source: UPLOADER_SOURCES,
  source_ip: 'text',
  event_name: 'text',
  etag: 'text',
  version_id: 'text',
  request_id: 'text',
  region: 'text',
  source: RECORD_SOURCES,
  day_shard: 'text',
  uploader_shard: 'text',
  expires_at: 'number',
};

/** Attributes that every record has. */
const REQUIRED: ReadonlySet<string> = new Set<keyof LedgerRecord>([
  ...(['s3_object', 'upload_id', 'filename', 's3_bucket', 's3_key', 'timestamp', 'status'] as const),
  ...(['category', 'event_name', 'source', 'day_shard'] as const),
]);

/**
 * The record that `item` holds. Attributes that no record has are left out, so that an older reader can read what a
 * newer version wrote.
 *
 * @throws {NotALedgerRecordError} that names the first wrong attribute. The table also holds items that are no records.
 */
export function fromItem(item: Item): LedgerRecord {
  const record: Record<string, string | number> = {};
  for (const [name, kind] of Object.entries(KINDS)) {
    const attribute = item[name];
    if (attribute === undefined && !REQUIRED.has(name)) continue;
    const value = attribute && readValue(attribute, kind);
    if (value === undefined) throw new NotALedgerRecordError(name, expectedOf(kind), keyOf(item));
    record[name] = value;
  }
  // Sound by KINDS, which the compiler holds to the names of LedgerRecord.
  return record as unknown as LedgerRecord;
}

function readValue({ S, N }: AttributeValue, kind: Kind): string | number | undefined {
  switch (kind) {
    case 'text':
      return S || undefined;
    case 'time':
      return S?.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)?.[0];
    case 'number': {
      const value = Number(N || Number.NaN);
      return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
    }
    default:
      return kind.find((one) => one === S);
  }
}

function expectedOf(kind: Kind): string {
  switch (kind) {
    case 'text':
      return 'a string that is not empty';
    case 'time':
      return 'an ISO 8601 time in UTC with milliseconds';
    case 'number':
      return 'a whole number of 0 or more';
    default:
      return `one of ${kind.join(', ')}`;
  }
}

function keyOf(item: Item): string {
  return JSON.stringify([item.s3_object?.S, item.upload_id?.S]).slice(0, 200);
}
