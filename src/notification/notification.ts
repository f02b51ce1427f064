import type { QuarantineCause } from '../contract/quarantine.ts';
import type { DigestTick } from './digest-tick.ts';

/** One S3 event record, whichever envelope it came in, with the fields that the ledger uses and the key decoded. */
export interface EventRecord {
  /** Without the `s3:` prefix, such as `ObjectCreated:Put`. */
  readonly eventName: string;
  /** When S3 finished the request: ISO 8601, UTC, with milliseconds. */
  readonly eventTime: string;
  readonly bucket: string;
  /** The object's key as the uploader wrote it. Hostile. */
  readonly key: string;
  readonly region?: string;
  /** Bytes. Absent on deletes. */
  readonly size?: number;
  /** Without quotes. Absent on deletes. */
  readonly eTag?: string;
  readonly versionId?: string;
  /** Upper-case hexadecimal; absent when the sender wrote none that tells two events of one object apart. */
  readonly sequencer?: string;
  /** Who signed the request: `AWS:AIDA...`, `AWS:AROA...:session`, an account id or a service principal. Hostile. */
  readonly principalId?: string;
  /** IPv4, IPv6 or a service's name. Hostile. */
  readonly sourceIp?: string;
  readonly requestId?: string;
}

/** The event records of one message. */
export interface EventsNotification {
  readonly kind: 'events';
  readonly events: readonly EventRecord[];
  /** Event records of the same message that cannot be read: the others are recorded, the message is quarantined. */
  readonly unreadable: readonly QuarantineCause[];
}

/** What one SQS message body says. */
export type Notification =
  | EventsNotification
  /** `s3:TestEvent`, which S3 sends whenever a notification configuration is put. */
  | { readonly kind: 'test-event' }
  /** The time to send a digest has come. */
  | { readonly kind: 'digest-tick'; readonly tick: DigestTick };
