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
      const command = new SendMessageCommand({
        QueueUrl: queueUrl,
        MessageBody: message.body || EMPTY_BODY_PLACEHOLDER,
        MessageAttributes: toQuarantineAttributes(message, cause),
      });
      await limited(() => sqs.send(command, { abortSignal }));
    } catch (error) {
      throw new NotQuarantinedError(message.messageId, error);
    }
  };
}

/**
 * Ours, then as many of the message's own attributes as SQS's limit of 10 leaves room for. Ours win where names are
 * equal: a message that is quarantined again carries the latest reason.
 */
function toQuarantineAttributes(message: SQSRecord, cause: QuarantineCause): Record<string, MessageAttributeValue> {
  const ours: Record<string, MessageAttributeValue> = {
    [QUARANTINE_ATTRIBUTES.reason]: toText(cause.reason),
    [QUARANTINE_ATTRIBUTES.detail]: toText(toSqsText(cause.detail, QUARANTINE_DETAIL_LENGTH) || 'no detail'),
    [QUARANTINE_ATTRIBUTES.originalMessageId]: toText(message.messageId),
  };
  const own = Object.entries(message.messageAttributes ?? {})
    .filter(([name]) => !Object.hasOwn(ours, name))
    .flatMap(([name, value]) => copyAttribute(name, value))
    .slice(0, LIMITS.sqs.messageAttributes - Object.keys(ours).length);
  return { ...Object.fromEntries(own), ...ours };
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
