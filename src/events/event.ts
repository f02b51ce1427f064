import { createHash } from 'node:crypto';
import type { AlertMatches } from '../contract/alert-message.ts';
import { EVENT_VERSION, type LedgerEventType, RECORD_EVENT_TYPES, type RecordEventType } from '../contract/events.ts';
import type { LedgerRecord } from '../ledger/record.ts';
import { toKeyText } from '../ledger/record-key.ts';
import { shortenToBytes } from '../shared/text.ts';
import { alertSentence, digestSentence, recordSentence } from './sentences.ts';

/** What every event's `detail` has. */
interface EventDetail {
  /** Of the event's form. */
  readonly version: typeof EVENT_VERSION;
  /** The same whenever the same thing is announced: receivers can tell by it what they have handled. */
  readonly id: string;
  /** One sentence for people, without markup, quotes and line breaks: it can be inserted anywhere. */
  readonly summary: string;
}

/** A ledger record as events have it: its own attributes, without those that only place it in the indexes. */
export type EventRecord = Omit<LedgerRecord, 'day_shard' | 'uploader_shard'>;

/** `detail` of `UploadRecorded`, `DeleteRecorded` and `RestoreRecorded`. */
export interface RecordEventDetail extends EventDetail {
  readonly record: EventRecord;
}

/** An object that an alert names. */
interface AlertObject {
  readonly s3_bucket: string;
  readonly s3_key: string;
  /** With `s3_bucket` and `s3_key`, which record it is. */
  readonly upload_id: string;
  readonly filesize: number;
  /** ISO 8601, UTC, with milliseconds. */
  readonly timestamp: string;
  readonly uploader?: string;
}

/** `detail` of `AlertRaised`: what one rule matched in one batch of uploads or deletes. */
export interface AlertEventDetail extends EventDetail {
  readonly alert: {
    /** Name of the rule. */
    readonly rule: string;
    readonly count: number;
    readonly bytes: number;
    readonly buckets: readonly string[];
    /** The first ones by time, at most 20. */
    readonly objects: readonly AlertObject[];
  };
}

/** What happened in the window of a digest. */
interface DigestTotals {
  readonly uploads: number;
  readonly bytes: number;
  readonly deletes: number;
  readonly versions_deleted: number;
  readonly restores: number;
  /** Messages that came back to the queue, each time that they did. */
  readonly messages_failed: number;
  readonly messages_quarantined: number;
  readonly alerts_held_back: number;
}

/** `detail` of `DigestReady`: its email is being sent. */
export interface DigestEventDetail extends EventDetail {
  readonly digest: DigestTotals & {
    readonly name: string;
    /** Where the window begins and ends: ISO 8601, UTC, with milliseconds. */
    readonly from: string;
    readonly to: string;
  };
}

/** The `detail` of each type of event, by its `detail-type`. */
export interface LedgerEventDetails extends Record<RecordEventType, RecordEventDetail> {
  readonly AlertRaised: AlertEventDetail;
  readonly DigestReady: DigestEventDetail;
}

/** An event before it is on the bus. */
export interface LedgerEvent {
  readonly type: LedgerEventType;
  readonly detail: LedgerEventDetails[LedgerEventType];
}

/** Bytes of JSON for a text that nothing is found by. Keys, names and uploaders have limits of their own in DynamoDB. */
const MAX_TEXT_BYTES = 2_048;

const EXACT: ReadonlySet<string> = new Set<keyof EventRecord>([
  's3_object',
  'upload_id',
  's3_bucket',
  's3_key',
  'filename',
  'uploader',
]);

/** The event of a record: the same one for the same record, with the same id. Pure. */
export function toRecordEvent(record: LedgerRecord): LedgerEvent {
  const { day_shard: _day, uploader_shard: _uploader, ...own } = record;
  const shown = Object.fromEntries(Object.entries(own).map(([name, value]) => [name, boundedValue(name, value)]));
  return {
    type: RECORD_EVENT_TYPES[record.status],
    detail: {
      version: EVENT_VERSION,
      id: createHash('sha256').update(toKeyText(record)).digest('hex').slice(0, ID_CHARACTERS),
      summary: recordSentence(record),
      // Every value has kept its type.
      record: shown as unknown as EventRecord,
    },
  };
}

/** Of a hash of 256 bits: 128 of them. */
const ID_CHARACTERS = 32;

function boundedValue(name: string, value: string | number): string | number {
  if (typeof value === 'number') return value;
  return EXACT.has(name) ? value.toWellFormed() : shortenToBytes(value.toWellFormed(), MAX_TEXT_BYTES);
}

/** The facts of an alert that its event needs. */
interface RaisedAlert extends AlertMatches {
  readonly id: string;
  readonly rule: { readonly name: string };
}

/** Bytes of JSON for the objects of one alert: with the rest, the event fits into a call of EventBridge. */
const MAX_OBJECTS_BYTES = 128 * 1_024;

export function toAlertEvent({ id, rule, count, bytes, buckets, mentions }: RaisedAlert): LedgerEvent {
  const objects = mentions.map(({ bucket, key, filesize, timestamp, uploader, uploadId }) => ({
    s3_bucket: bucket.toWellFormed(),
    s3_key: key.toWellFormed(),
    upload_id: uploadId.toWellFormed(),
    filesize,
    timestamp,
    ...(uploader !== undefined && { uploader: uploader.toWellFormed() }),
  }));
  const alert = {
    rule: rule.name,
    count,
    bytes,
    buckets: buckets.slice(0, MAX_BUCKETS),
    objects: objectsWithin(objects, MAX_OBJECTS_BYTES),
  };
  const summary = alertSentence({ rule: rule.name, count, bytes, mentions });
  return { type: 'AlertRaised', detail: { version: EVENT_VERSION, id, summary, alert } };
}

/** Names of buckets in one event. */
const MAX_BUCKETS = 20;

/** The first objects of an alert, as many as fit. @param maxBytes Of their JSON. */
export function objectsWithin(objects: readonly AlertObject[], maxBytes: number): readonly AlertObject[] {
  let bytes = 0;
  const end = objects.findIndex((object) => {
    bytes += Buffer.byteLength(JSON.stringify(object)) + 1;
    return bytes > maxBytes;
  });
  return end === -1 ? objects : objects.slice(0, end);
}

interface ReadyDigest {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly totals: DigestTotals;
}

export function toDigestEvent({ name, from, to, totals }: ReadyDigest): LedgerEvent {
  const digest = { name, from, to, ...totals };
  const summary = digestSentence(digest);
  return { type: 'DigestReady', detail: { version: EVENT_VERSION, id: `${name}/${from}/${to}`, summary, digest } };
}
