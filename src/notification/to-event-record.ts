import { bucketNameFrom } from './bucket-name.ts';
import { eventNameFrom } from './event-name.ts';
import { eventTimeFrom } from './event-time.ts';
import { optionalSizeFrom, optionalTextFrom } from './fields.ts';
import type { EventRecord } from './notification.ts';
import { type KeyEncoding, objectKeyFrom } from './object-key.ts';
import { sequencerFrom } from './sequencer.ts';

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
