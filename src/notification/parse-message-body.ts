import { described } from './described.ts';
import { isDigestTick, parseDigestTick } from './digest-tick.ts';
import { isEventBridgeEvent, readEventBridgeEvent } from './eventbridge.ts';
import { isFields } from './fields.ts';
import type { Notification } from './notification.ts';
import { parseJson } from './parse-json.ts';
import { readS3Records } from './s3-records.ts';
import { isSnsNotification, unwrapSnsNotification } from './sns.ts';
import { UnreadableMessageError } from './unreadable.ts';

/**
 * What an SQS message says. The envelope is recognised by itself: an S3 notification, an S3 event from EventBridge or S3's
 * test event, each of them also inside an SNS notification; or a digest tick, which only the queue's own senders can send.
 *
 * `body` is hostile. Whatever it is, the outcome is a {@link Notification} or an {@link UnreadableMessageError}, which
 * no retry cures. Event records that cannot be read beside others that can are reported in the notification, not
 * thrown.
 */
export function parseMessageBody(body: string): Notification {
  const value = parseJson(body, 'the message body');
  if (isFields(value) && isDigestTick(value)) return { kind: 'digest-tick', tick: parseDigestTick(value) };
  const published = isFields(value) && isSnsNotification(value) ? unwrapSnsNotification(value) : value;
  return readEnvelope(published);
}

function readEnvelope(value: unknown): Notification {
  if (isFields(value)) {
    if ('Records' in value) return readS3Records(value.Records);
    if (value.Event === 's3:TestEvent') return { kind: 'test-event' };
    if (isEventBridgeEvent(value)) return { kind: 'events', events: [readEventBridgeEvent(value)], unreadable: [] };
  }
  const came = isFields(value) ? `an object with ${fieldNames(value)}` : described(value);
  throw new UnreadableMessageError('not-an-s3-event', `expected an S3 event notification, got ${came}`);
}

/** The first few names, so that an operator can tell what sent the message. */
function fieldNames(fields: object): string {
  const names = Object.keys(fields).slice(0, 3);
  return names.length === 0 ? 'no fields' : `the fields ${described(names.join(', '))}`;
}
