import { described } from './described.ts';
import type { Fields } from './fields.ts';
import { parseJson } from './parse-json.ts';
import { UnreadableMessageError } from './unreadable.ts';

/** What SNS sends to a queue without raw message delivery (AWS: "Parsing Amazon SNS message formats"). */
export function isSnsNotification(body: Fields): boolean {
  return body.Type === 'Notification';
}

/**
 * The JSON value that was published to the topic. The envelope's signature is not checked: who may write to the queue
 * is decided by the queue's policy, for SNS as for S3.
 *
 * @throws {UnreadableMessageError} when the message is not a string of JSON.
 */
export function unwrapSnsNotification(body: Fields): unknown {
  if (typeof body.Message !== 'string') {
    const detail = `expected the SNS notification's Message to be a string, got ${described(body.Message)}`;
    throw new UnreadableMessageError('not-an-s3-event', detail);
  }
  return parseJson(body.Message, "the SNS notification's Message");
}
