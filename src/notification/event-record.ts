import { MINUTE_MS } from '../shared/time.ts';
import {
  describeValue,
  readOptionalSize,
  readOptionalText,
  readText,
  UnreadableMessageError,
  unexpected,
} from './fields.ts';

/** One S3 event record, whichever envelope it came in, with the fields that the ledger uses and the key decoded. */
export interface EventRecord {
  /** Without the `s3:` prefix, such as `ObjectCreated:Put`. */
  readonly eventName: string;
  /** When S3 finished the request: ISO 8601, UTC, with milliseconds. */
  readonly eventTime: string;
  readonly bucket: string;
  /** The object's key as the uploader wrote it. Untrusted. */
  readonly key: string;
  readonly region?: string;
  /** Bytes. Absent on deletes. */
  readonly size?: number;
  /** Without quotes. Absent on deletes. */
  readonly eTag?: string;
  readonly versionId?: string;
  /** Upper-case hexadecimal; absent when the sender wrote none that tells two events of one object apart. */
  readonly sequencer?: string;
  /** Who signed the request: `AWS:AIDA...`, `AWS:AROA...:session`, an account id or a service principal. Untrusted. */
  readonly principalId?: string;
  /** IPv4, IPv6 or a service's name. Untrusted. */
  readonly sourceIp?: string;
  readonly requestId?: string;
}

/** The fields of an event record as an envelope holds them, nothing of them checked. */
type RawEvent = Readonly<Record<keyof EventRecord, unknown>>;

/**
 * The event record that `raw` describes: the checks that all envelopes share. Envelopes differ in where they keep the
 * fields, and in how they write the key.
 *
 * @throws {UnreadableMessageError} that names the first wrong field.
 */
export function toEventRecord(raw: RawEvent, keyEncoding: KeyEncoding): EventRecord {
  const region = readOptionalText(raw.region, 'region');
  const size = readOptionalSize(raw.size, 'size');
  // An entity tag is quoted in HTTP, and some senders leave the quotes on.
  const eTag = readOptionalText(raw.eTag, 'eTag')?.replace(/^"|"$/g, '');
  const versionId = readOptionalText(raw.versionId, 'versionId');
  const sequencer = readSequencer(raw.sequencer);
  const principalId = readOptionalText(raw.principalId, 'principalId');
  const sourceIp = readOptionalText(raw.sourceIp, 'sourceIp');
  const requestId = readOptionalText(raw.requestId, 'requestId');
  return {
    eventName: readEventName(raw.eventName, 'eventName'),
    eventTime:
      toEventTime(raw.eventTime) ?? unexpected('eventTime', 'an ISO 8601 time from 1970 to 9999', raw.eventTime),
    bucket: readBucketName(raw.bucket, 'bucket'),
    key: readObjectKey(raw.key, keyEncoding, 'key'),
    ...(region !== undefined && { region }),
    ...(size !== undefined && { size }),
    ...(eTag && { eTag }),
    ...(versionId !== undefined && { versionId }),
    ...(sequencer !== undefined && { sequencer }),
    ...(principalId !== undefined && { principalId }),
    ...(sourceIp !== undefined && { sourceIp }),
    ...(requestId !== undefined && { requestId }),
  };
}

/**
 * AWS's rule for both event structures: the major version must be equal, since only a major version changes what fields
 * mean; a higher minor version adds fields, which are ignored. Absent is accepted: older EventBridge events carry none.
 *
 * @throws {UnreadableMessageError} with reason `unsupported-version`.
 */
export function checkMajorVersion(value: unknown, major: number, path: string): void {
  if (value === undefined || value === null) return;
  if (typeof value === 'string' && /^\d{1,4}\.\d{1,4}$/.test(value) && Number.parseInt(value, 10) === major) return;
  const detail = `expected ${path} to be ${major}.x, got ${describeValue(value)}`;
  throw new UnreadableMessageError('unsupported-version', detail);
}

const MAX_EVENT_NAME_LENGTH = 128;

/**
 * The event's name without the `s3:` prefix that MinIO and older Ceph write: `ObjectCreated:Put`. Unknown names pass,
 * so that they can be counted; only the form is checked: words joined by colons.
 *
 * @throws {UnreadableMessageError} with reason `bad-event-record`.
 */
function readEventName(value: unknown, path: string): string {
  if (typeof value === 'string' && value.length <= MAX_EVENT_NAME_LENGTH) {
    const name = value.startsWith('s3:') ? value.slice(3) : value;
    if (/^[A-Za-z][\w-]*(?::[\w-]+)*$/.test(name)) return name;
  }
  return unexpected(path, 'an event name such as ObjectCreated:Put', value);
}

/** Date and time to the second with `T` or a blank between, a fraction of any length, and `Z`, an offset, or neither. */
const ISO_TIME = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):?(\d\d))?$/;

/**
 * The event's time in the one form that the ledger stores: ISO 8601, UTC, milliseconds; undefined for what is no time.
 * Equal instants give equal strings, and strings sort as instants do, which is why only the years 1970 to 9999 are
 * accepted.
 *
 * S3 writes milliseconds and `Z`, EventBridge seconds, Ceph microseconds, and a blank for `T` in some releases. moto
 * writes no zone: taken as UTC, never as the zone of this machine. What is finer than a millisecond is cut off.
 */
export function toEventTime(value: unknown): string | undefined {
  const [, day, time, fraction = '', sign, hours, minutes] =
    ISO_TIME.exec(typeof value === 'string' ? value : '') ?? [];
  if (day === undefined) return undefined;
  const written = `${day}T${time}.${fraction.padEnd(3, '0').slice(0, 3)}Z`;
  const local = Date.parse(written);
  // Date.parse rolls impossible dates over (30 February is 2 March), so the date has to come back as it was written.
  if (Number.isNaN(local) || new Date(local).toISOString() !== written) return undefined;
  const utc = sign === undefined ? written : new Date(local - offsetMs(sign, hours, minutes)).toISOString();
  // Years of more than four digits begin with a sign, which sorts before digits.
  return utc >= '1970' ? utc : undefined;
}

function offsetMs(sign: string, hours: string | undefined, minutes: string | undefined): number {
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * MINUTE_MS;
}

/** Longest name that S3 ever allowed (us-east-1 before 2018); new ones have at most 63 characters. */
const MAX_BUCKET_NAME_LENGTH = 255;

/**
 * The bucket's name. A slash and a `#` are refused: no store allows them. With a slash, two different objects could
 * share the ledger's `<bucket>/<key>`; the `#` is in the keys of the table's other items, see `contract/table.ts`.
 *
 * @throws {UnreadableMessageError} with reason `bad-event-record`.
 */
function readBucketName(value: unknown, path: string): string {
  const name = readText(value, path);
  return name.length <= MAX_BUCKET_NAME_LENGTH && !/[/#]/.test(name) ? name : unexpected(path, 'a bucket name', value);
}

/**
 * How an envelope writes the object's key.
 *
 * - `form`: form-urlencoded, as S3 notifications do ("Event message structure", S3 User Guide): `+` is a space, `%2B` a
 *   plus.
 * - `plain`: as the uploader wrote it. AWS documents no encoding for EventBridge: `+` and `%` mean themselves there.
 *   Ceph writes its notifications so, too (`rgw_pubsub.cc`).
 */
type KeyEncoding = 'form' | 'plain';

/**
 * The object's key as the uploader wrote it. No other place decodes keys.
 *
 * @throws {UnreadableMessageError} `bad-event-record` without a key, `key-not-decodable` for a lone `%`, bytes that are
 * not UTF-8, or a lone surrogate. Guessing instead would record an object that does not exist.
 */
export function readObjectKey(value: unknown, encoding: KeyEncoding, path: string): string {
  if (typeof value !== 'string' || value === '') return unexpected(path, 'a string that is not empty', value);
  const key = encoding === 'form' ? formDecode(value) : value;
  if (key?.isWellFormed()) return key;
  const expected = encoding === 'form' ? 'a form-urlencoded key in UTF-8' : 'well-formed Unicode';
  const detail = `expected ${path} to be ${expected}, got ${describeValue(value)}`;
  throw new UnreadableMessageError('key-not-decodable', detail);
}

function formDecode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

/** Digits of the shortest sequencer that S3 writes (EventBridge's documented examples); most notifications have 18. */
const MIN_SEQUENCER_LENGTH = 16;

/**
 * Values that emulators and generators of test events copied from examples and write into every event. Taken as
 * sequencers they would merge all versions of an object into one record.
 */
const COPIED_FROM_EXAMPLES: ReadonlySet<string> = new Set([
  // The example in AWS's "Event message structure"; LocalStack's notifications.
  '0055AED6DCD90281E5',
  // The example in AWS's "EventBridge event message structure"; moto's EventBridge events.
  '617F08299329D189',
  // LocalStack's EventBridge events.
  '0062E99A88DC407460',
  // Test events of the Lambda console and of "sam local generate-event s3".
  '0A1B2C3D4E5F678901',
  // The example in the Lambda developer guide, "Process Amazon S3 event notifications with Lambda".
  '0C0F6F405D6ED209E1',
]);

/**
 * The sequencer in upper case, or undefined when the sender wrote none that can tell two events of one object apart:
 * not hexadecimal, too short to be S3's (MiniStack writes `0`), one digit repeated, or {@link COPIED_FROM_EXAMPLES}.
 *
 * Never an error: a record without a sequencer gets its key from the event's time and version instead.
 */
function readSequencer(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length < MIN_SEQUENCER_LENGTH || !/^[\da-f]+$/i.test(value)) return undefined;
  const sequencer = value.toUpperCase();
  return /^(.)\1+$/.test(sequencer) || COPIED_FROM_EXAMPLES.has(sequencer) ? undefined : sequencer;
}
