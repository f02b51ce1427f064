import type { ObjectChange } from '../service-server/object-change.ts';
import type { EventPattern } from './event-pattern.ts';
import { formUrlEncode } from './form-url-encode.ts';

/** One configuration of a bucket's notifications. */
export interface BucketNotification {
  /** S3 repeats it in each event as `configurationId`. */
  readonly id: string;
  readonly bucket: string;
  readonly queueUrl: string;
  /** Event types such as `s3:ObjectCreated:*`; `s3:*` is every one. */
  readonly events: readonly string[];
  /** Only keys that begin so, form-urlencoded as in the event. @default all keys */
  readonly prefix?: string;
  /** Only keys that end so, form-urlencoded as in the event. @default all keys */
  readonly suffix?: string;
  /** What the rule's events look like; with the envelope 'event-bridge' only. @default any */
  readonly pattern?: EventPattern;
  /** Whether S3 itself writes the message, or an EventBridge rule. @default 's3' */
  readonly envelope?: 's3' | 'event-bridge';
}

/** A change's event type without the `s3:` in front, such as `ObjectCreated:Put`. */
export function eventNameOf({ kind }: ObjectChange): string {
  return kind === 'Delete' ? 'ObjectRemoved:Delete' : `ObjectCreated:${kind}`;
}

/**
 * Whether a configuration asks for this change.
 *
 * Filters are held against the encoded key: S3 wants a space in a filter written as `+`, other special characters
 * percent-encoded (S3 User Guide, "Configuring event notifications using object key name filtering").
 */
export function wantsChange(notification: BucketNotification, change: ObjectChange): boolean {
  if (notification.bucket !== change.bucket) return false;
  const name = `s3:${eventNameOf(change)}`;
  if (!notification.events.some((pattern) => matches(pattern, name))) return false;
  const key = formUrlEncode(change.key);
  return key.startsWith(notification.prefix ?? '') && key.endsWith(notification.suffix ?? '');
}

function matches(pattern: string, eventName: string): boolean {
  if (pattern === 's3:*') return true;
  return pattern.endsWith(':*') ? eventName.startsWith(pattern.slice(0, -1)) : eventName === pattern;
}
