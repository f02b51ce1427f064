import { MINUTE_MS } from '../shared/time.ts';
import {
  described,
  optionalSizeFrom,
  optionalTextFrom,
  textFrom,
  UnreadableMessageError,
  unexpected,
} from './fields.ts';
import type { EventRecord } from './notification.ts';

/**
 * AWS's rule for both event structures: the major version must be equal, since only a major version changes what fields
 * mean; a higher minor version adds fields, which are ignored. Absent is accepted: older EventBridge events carry none.
 *
 * @throws {UnreadableMessageError} with reason `unsupported-version`.
 */
export function checkMajorVersion(value: unknown, major: number, path: string): void {
  if (value === undefined || value === null) return;
  if (typeof value === 'string' && /^\d{1,4}\.\d{1,4}$/.test(value) && Number.parseInt(value, 10) === major) return;
  const detail = `expected ${path} to be ${major}.x, got ${described(value)}`;
  throw new UnreadableMessageError('unsupported-version', detail);
}

const LONGEST = 128;

/**
 * The event's name without the `s3:` prefix that MinIO and older Ceph write: `ObjectCreated:Put`. Names nobody knows
 * yet pass, so that they can be counted; only the form is checked: words joined by colons.
 *
 * @throws {UnreadableMessageError} with reason `bad-event-record`.
 */
export function eventNameFrom(value: unknown, path: string): string {
  if (typeof value === 'string' && value.length <= LONGEST) {
    const name = value.startsWith('s3:') ? value.slice(3) : value;
    if (/^[A-Za-z][\w-]*(?::[\w-]+)*$/.test(name)) return name;
  }
  return unexpected(path, 'an event name such as ObjectCreated:Put', value);
}

/** Date and time to the second, a fraction of any length, and `Z`, an offset, or neither. */
const ISO_TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):?(\d\d))?$/;

/**
 * The form that the ledger stores, which is the one that S3 writes, with a date that exists in any year: nothing else can be made of it, and
 * almost every event's time can be taken as it is.
 */
const STORED_FORM =
  /^(?:19[7-9]\d|[2-9]\d{3})-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)T(?:[01]\d|2[0-3])(?::[0-5]\d){2}\.\d{3}Z$/;

/**
 * The event's time in the one form that the ledger stores: ISO 8601, UTC, milliseconds. Equal instants give equal
 * strings, and strings sort as instants do, which is why the years are held to 1970 to 9999.
 *
 * S3 writes milliseconds and `Z`, EventBridge seconds, Ceph microseconds. moto writes no zone at all: taken as UTC,
 * never as the zone of the machine that happens to read it. What is finer than a millisecond is cut off.
 *
 * @throws {UnreadableMessageError} with reason `bad-event-record`.
 */
export function eventTimeFrom(value: unknown, path: string): string {
  // Stryker disable next-line ConditionalExpression,EqualityOperator,StringLiteral: a short cut; what it takes, the rest takes alike.
  if (typeof value === 'string' && STORED_FORM.test(value)) return value;
  const match = typeof value === 'string' ? ISO_TIME.exec(value) : null;
  if (match === null) return notATime(path, value);
  // Stryker disable next-line StringLiteral: the expression has always matched it.
  const [, local = '', fraction = '', sign, hours, minutes] = match;
  // Stryker disable next-line MethodExpression: Date.parse cuts off the rest too, but ECMAScript does not say that it must.
  const written = Date.parse(`${local}.${fraction.padEnd(3, '0').slice(0, 3)}Z`);
  // Date.parse rolls impossible dates over (30 February is 2 March), so the date has to come back as it was written.
  if (Number.isNaN(written) || !new Date(written).toISOString().startsWith(local)) return notATime(path, value);

  // Stryker disable next-line ArithmeticOperator: dividing by 1 or -1 is multiplying by it.
  const offset = sign === undefined ? 0 : (Number(hours) * 60 + Number(minutes)) * MINUTE_MS * (sign === '-' ? -1 : 1);
  const time = new Date(written - offset);
  const year = time.getUTCFullYear();
  return year >= 1970 && year <= 9999 ? time.toISOString() : notATime(path, value);
}

function notATime(path: string, value: unknown): never {
  return unexpected(path, 'an ISO 8601 time from 1970 to 9999', value);
}

/** Longest name that S3 ever allowed (us-east-1 before 2018); new ones have at most 63. */
const LONGEST2 = 255;

/**
 * The bucket's name. A slash is refused: no store allows one, and with it two different objects could share the
 * ledger's `<bucket>/<key>`.
 *
 * @throws {UnreadableMessageError} with reason `bad-event-record`.
 */
export function bucketNameFrom(value: unknown, path: string): string {
  const name = textFrom(value, path);
  return name.length <= LONGEST2 && !name.includes('/') ? name : unexpected(path, 'a bucket name', value);
}

/**
 * How an envelope writes the object's key.
 *
 * - `form`: form-urlencoded, as S3 notifications do ("Event message structure", S3 User Guide): `+` is a space, `%2B` a
 *   plus.
 * - `plain`: as the uploader wrote it. AWS documents no encoding for EventBridge, and `+` and `%` stand there for
 *   themselves.
 */
export type KeyEncoding = 'form' | 'plain';

/**
 * The object's key as the uploader wrote it. No other place decodes keys.
 *
 * @throws {UnreadableMessageError} `bad-event-record` without a key, `key-not-decodable` for a lone `%`, bytes that are
 * not UTF-8, or a lone surrogate. Guessing instead would record an object that does not exist.
 */
export function objectKeyFrom(value: unknown, encoding: KeyEncoding, path: string): string {
  if (typeof value !== 'string' || value === '') return unexpected(path, 'a string that is not empty', value);
  const key = encoding === 'form' ? formDecoded(value) : value;
  if (key?.isWellFormed()) return key;
  const expected = encoding === 'form' ? 'a form-urlencoded key in UTF-8' : 'well-formed Unicode';
  throw new UnreadableMessageError('key-not-decodable', `expected ${path} to be ${expected}, got ${described(value)}`);
}

function formDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
    // Stryker disable next-line BlockStatement: without a value it returns the same.
  } catch (error) {
    // Stryker disable next-line ConditionalExpression: it throws nothing else today.
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

/** Shortest that S3 writes: 16 digits (EventBridge's documented examples), 18 in most notifications. */
const SHORTEST = 16;

/**
 * Values that emulators copied from examples and write into every event. Taken as sequencers they would merge all
 * versions of an object into one record.
 */
const COPIED_FROM_EXAMPLES: ReadonlySet<string> = new Set([
  // The example in AWS's "Event message structure"; LocalStack's notifications.
  '0055AED6DCD90281E5',
  // The example in AWS's "EventBridge event message structure"; moto's EventBridge events.
  '617F08299329D189',
  // LocalStack's EventBridge events.
  '0062E99A88DC407460',
]);

/**
 * The sequencer in upper case, or undefined when the sender wrote none that can tell two events of one object apart:
 * not hexadecimal, too short to be S3's (MiniStack writes `0`), nothing but zeros, or {@link COPIED_FROM_EXAMPLES}.
 *
 * Never an error: a record without a sequencer gets its key from the event's time and version instead.
 */
export function sequencerFrom(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length < SHORTEST || !/^[\da-f]+$/i.test(value)) return undefined;
  const sequencer = value.toUpperCase();
  return /^0+$/.test(sequencer) || COPIED_FROM_EXAMPLES.has(sequencer) ? undefined : sequencer;
}

/** The fields of an event record as an envelope holds them, nothing of them checked. */
export type RawEvent = Readonly<Record<keyof EventRecord, unknown>>;

/**
 * The event record that `raw` describes: the checks that every envelope shares. What an envelope does differently is
 * where it keeps the fields, and how it writes the key.
 *
 * @throws {UnreadableMessageError} that names the first field at fault.
 */
export function toEventRecord(raw: RawEvent, keyEncoding: KeyEncoding): EventRecord {
  const region = optionalTextFrom(raw.region, 'region');
  const size = optionalSizeFrom(raw.size, 'size');
  const eTag = unquoted(optionalTextFrom(raw.eTag, 'eTag'));
  const versionId = optionalTextFrom(raw.versionId, 'versionId');
  const sequencer = sequencerFrom(raw.sequencer);
  const principalId = optionalTextFrom(raw.principalId, 'principalId');
  const sourceIp = optionalTextFrom(raw.sourceIp, 'sourceIp');
  const requestId = optionalTextFrom(raw.requestId, 'requestId');
  return {
    eventName: eventNameFrom(raw.eventName, 'eventName'),
    eventTime: eventTimeFrom(raw.eventTime, 'eventTime'),
    bucket: bucketNameFrom(raw.bucket, 'bucket'),
    key: objectKeyFrom(raw.key, keyEncoding, 'key'),
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

/** An entity tag is quoted in HTTP, and some senders leave the quotes on. */
function unquoted(eTag: string | undefined): string | undefined {
  return eTag?.replace(/^"|"$/g, '');
}
