import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { CATEGORIES, UPLOAD_STATUSES, UPLOADER_SOURCES } from '../contract/uploads.ts';
import { UploadLedgerError } from '../shared/errors.ts';
import { type LedgerRecord, RECORD_SOURCES } from './record.ts';

/** An attribute value in DynamoDB's JSON: the two types that a ledger record needs. */
type RecordAttribute = { readonly S: string } | { readonly N: string };

/** A ledger record as DynamoDB takes it: the `Item` of a put. */
export type RecordItem = Record<string, RecordAttribute>;

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
export function toItem(record: LedgerRecord): RecordItem {
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
type Reader = (value: AttributeValue) => string | number | undefined;

interface Rule {
  readonly read: Reader;
  readonly expected: string;
  readonly required: boolean;
}

const text: Reader = ({ S }) => S || undefined;

const wholeNumber: Reader = ({ N }) => {
  const value = Number(N || Number.NaN);
  return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
};

const time: Reader = ({ S }) => S?.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)?.[0];

function oneOf(allowed: readonly string[]): Reader {
  return ({ S }) => allowed.find((one) => one === S);
}

function required(read: Reader, expected: string): Rule {
  return { read, expected, required: true };
}

function optional(read: Reader, expected: string): Rule {
  return { read, expected, required: false };
}

const A_TEXT = 'a string that is not empty';
const A_NUMBER = 'a whole number of 0 or more';

const RULES: { readonly [Name in keyof Required<LedgerRecord>]: Rule } = {
  s3_object: required(text, A_TEXT),
  upload_id: required(text, A_TEXT),
  filename: required(text, A_TEXT),
  s3_bucket: required(text, A_TEXT),
  s3_key: required(text, A_TEXT),
  filesize: optional(wholeNumber, A_NUMBER),
  timestamp: required(time, 'an ISO 8601 time in UTC with milliseconds'),
  status: required(oneOf(UPLOAD_STATUSES), `one of ${UPLOAD_STATUSES.join(', ')}`),
  content_type: optional(text, A_TEXT),
  category: required(oneOf(CATEGORIES), `one of ${CATEGORIES.join(', ')}`),
  uploader: optional(text, A_TEXT),
  uploader_source: optional(oneOf(UPLOADER_SOURCES), `one of ${UPLOADER_SOURCES.join(', ')}`),
  source_ip: optional(text, A_TEXT),
  event_name: required(text, A_TEXT),
  etag: optional(text, A_TEXT),
  version_id: optional(text, A_TEXT),
  request_id: optional(text, A_TEXT),
  region: optional(text, A_TEXT),
  source: required(oneOf(RECORD_SOURCES), `one of ${RECORD_SOURCES.join(', ')}`),
  day_shard: required(text, A_TEXT),
  uploader_shard: optional(text, A_TEXT),
  expires_at: optional(wholeNumber, A_NUMBER),
};

/**
 * The record that `item` holds. Attributes that no record has are left out, so that an older reader can read what a
 * newer version wrote.
 *
 * @throws {NotALedgerRecordError} that names the first attribute at fault. The table also holds items that are no
 * records.
 */
export function fromItem(item: Item): LedgerRecord {
  const record: Record<string, string | number> = {};
  for (const [name, { read, expected, required: isRequired }] of Object.entries(RULES)) {
    const attribute = item[name];
    if (attribute === undefined && !isRequired) continue;
    const value = attribute && read(attribute);
    if (value === undefined) throw new NotALedgerRecordError(name, expected, keyOf(item));
    record[name] = value;
  }
  // Sound by RULES, which the compiler holds to the names of LedgerRecord.
  return record as unknown as LedgerRecord;
}

function keyOf(item: Item): string {
  return JSON.stringify([item.s3_object?.S, item.upload_id?.S]).slice(0, 200);
}
