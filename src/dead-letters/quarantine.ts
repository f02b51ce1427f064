import { createHash } from 'node:crypto';
import type { MessageAttributeValue, SQSClient } from '@aws-sdk/client-sqs';
import type { SQSMessageAttribute, SQSRecord } from 'aws-lambda';
import { LIMITS } from '../contract/limits.ts';
import { QUARANTINE_ATTRIBUTES, QUARANTINE_DETAIL_LENGTH, type QuarantineCause } from '../contract/quarantine.ts';
import { limitConcurrency } from '../shared/concurrency.ts';
import { errorText, UploadLedgerError } from '../shared/errors.ts';

/** Body of the copy of a message that has none: SQS refuses an empty body, and the reason attribute says what came. */
const EMPTY_BODY_PLACEHOLDER = '(empty body)';

/** Copies are sent in parallel, so many at a time. */
const MAX_SENDS_IN_FLIGHT = 8;

interface QuarantineOptions {
  /** Called at the first message; the SQS client is not loaded before. */
  readonly client: () => Promise<SQSClient>;
  /** URL of the dead-letter queue. */
  readonly queueUrl: string;
}

/**
 * Sends a copy of a message that no retry can cure to the dead-letter queue, with the reason among its attributes.
 * Afterwards the message itself may be acknowledged.
 *
 * @throws {NotQuarantinedError} when the copy was not taken: the message must come back then.
 */
export type Quarantine = (message: SQSRecord, cause: QuarantineCause, signal: AbortSignal) => Promise<void>;

/** A message that should have been quarantined and could not be. */
class NotQuarantinedError extends UploadLedgerError {
  override readonly name = 'NotQuarantinedError';

  constructor(messageId: string, cause: unknown) {
    super('not-quarantined', `Expected the dead-letter queue to take message ${messageId}; got ${errorText(cause)}.`, {
      cause,
    });
  }
}

/** Loads and sends nothing before the first message. */
export function createQuarantine({ client, queueUrl }: QuarantineOptions): Quarantine {
  const limited = limitConcurrency(MAX_SENDS_IN_FLIGHT);
  return async (message, cause, abortSignal) => {
    try {
      const [sqs, { SendMessageCommand }] = await Promise.all([client(), import('@aws-sdk/client-sqs')]);
      const command = new SendMessageCommand({ QueueUrl: queueUrl, ...toCopy(message, cause) });
      await limited(() => sqs.send(command, { abortSignal }));
    } catch (error) {
      throw new NotQuarantinedError(message.messageId, error);
    }
  };
}

interface Copy {
  readonly MessageBody: string;
  readonly MessageAttributes: Record<string, MessageAttributeValue>;
}

/**
 * A copy that SQS takes: where body and attributes are together over its limit, the body is cut to make room, and two
 * more attributes tell its length and hash. Such a message can be of no use but to whoever looks for its sender.
 */
function toCopy(message: SQSRecord, cause: QuarantineCause): Copy {
  const body = message.body || EMPTY_BODY_PLACEHOLDER;
  const ours = toReason(message, cause);
  const attributes = withOwnAttributes(message, ours);
  const bytes = Buffer.byteLength(body);
  if (bytes + bytesOf(attributes) <= LIMITS.sqs.messageBytes) {
    return { MessageBody: body, MessageAttributes: attributes };
  }
  const cutAttributes = withOwnAttributes(message, {
    ...ours,
    [QUARANTINE_ATTRIBUTES.bodyBytes]: toText(String(bytes)),
    [QUARANTINE_ATTRIBUTES.bodySha256]: toText(createHash('sha256').update(body).digest('hex')),
  });
  const room = LIMITS.sqs.messageBytes - bytesOf(cutAttributes);
  return { MessageBody: cutToBytes(body, room), MessageAttributes: cutAttributes };
}

function toReason({ messageId }: SQSRecord, { reason, detail }: QuarantineCause) {
  return {
    [QUARANTINE_ATTRIBUTES.reason]: toText(reason),
    [QUARANTINE_ATTRIBUTES.detail]: toText(toSqsText(detail, QUARANTINE_DETAIL_LENGTH) || 'no detail'),
    [QUARANTINE_ATTRIBUTES.originalMessageId]: toText(messageId),
  };
}

/**
 * Ours, then as many of the message's own attributes as SQS's limit of 10 leaves room for. Ours win where names are
 * equal: a message that is quarantined again carries the latest reason.
 */
function withOwnAttributes({ messageAttributes }: SQSRecord, ours: Record<string, MessageAttributeValue>) {
  const own = Object.entries(messageAttributes ?? {})
    .filter(([name]) => !Object.hasOwn(ours, name))
    .flatMap(([name, value]) => copyAttribute(name, value))
    .slice(0, LIMITS.sqs.messageAttributes - Object.keys(ours).length);
  return { ...Object.fromEntries(own), ...ours };
}

/** As SQS counts them: names, types and values. Source: SQS developer guide, "Amazon SQS message quotas". */
function bytesOf(attributes: Record<string, MessageAttributeValue>): number {
  return Object.entries(attributes).reduce((sum, [name, { DataType = '', StringValue = '', BinaryValue }]) => {
    return sum + Buffer.byteLength(name + DataType + StringValue) + (BinaryValue?.length ?? 0);
  }, 0);
}

/** The longest beginning of the text that has at most so many bytes, cut between characters. */
function cutToBytes(text: string, maxBytes: number): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(Math.max(0, maxBytes)));
  return text.slice(0, read);
}

/** SQS has no lists in attributes, though its types name them; an attribute without a value is left out. */
function copyAttribute(name: string, value: SQSMessageAttribute): [string, MessageAttributeValue][] {
  const { dataType: DataType, stringValue, binaryValue } = value;
  if (stringValue) return [[name, { DataType, StringValue: stringValue }]];
  if (binaryValue) return [[name, { DataType, BinaryValue: Buffer.from(binaryValue, 'base64') }]];
  return [];
}

function toText(StringValue: string): MessageAttributeValue {
  return { DataType: 'String', StringValue };
}

/**
 * What SQS refuses in message bodies and attribute values: everything outside #x9, #xA, #xD, #x20 to #xD7FF, #xE000 to
 * #xFFFD and #x10000 to #x10FFFF. Source: SQS API reference, SendMessage.
 */
const REFUSED = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

/** What SQS refuses becomes U+FFFD; at most `maxLength` UTF-16 units are left, cut between characters. */
function toSqsText(text: string, maxLength: number): string {
  const allowed = text.slice(0, maxLength + 1).replace(REFUSED, '\ufffd');
  if (allowed.length <= maxLength) return allowed;
  const cut = allowed.slice(0, maxLength);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}
