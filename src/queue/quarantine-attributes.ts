import type { MessageAttributeValue } from '@aws-sdk/client-sqs';
import type { SQSMessageAttribute, SQSRecord } from 'aws-lambda';
import { LIMITS } from '../contract/limits.ts';
import { QUARANTINE_ATTRIBUTES, QUARANTINE_DETAIL_LENGTH } from '../contract/quarantine.ts';
import type { Unreadable } from '../notification/notification.ts';
import { toSqsText } from './sqs-text.ts';

type Attributes = Record<string, MessageAttributeValue>;

/**
 * Attributes of the quarantined copy of `message`: ours, then as many of the message's own as SQS's limit of 10 leaves room for.
 * Ours win where names are equal, so that a message that is quarantined again tells of the last time.
 */
export function toQuarantineAttributes(message: SQSRecord, why: Unreadable): Attributes {
  const ours: Attributes = {
    [QUARANTINE_ATTRIBUTES.reason]: text(why.reason),
    [QUARANTINE_ATTRIBUTES.detail]: text(toSqsText(why.detail, QUARANTINE_DETAIL_LENGTH) || 'no detail'),
    [QUARANTINE_ATTRIBUTES.originalMessageId]: text(message.messageId),
  };
  const own = Object.entries(message.messageAttributes ?? {})
    .filter(([name]) => !Object.hasOwn(ours, name))
    .flatMap(([name, value]) => copyOf(name, value))
    .slice(0, LIMITS.sqs.messageAttributes - Object.keys(ours).length);
  return { ...Object.fromEntries(own), ...ours };
}

/** SQS has no lists in attributes, though its types name them; an attribute without a value is left out. */
function copyOf(name: string, value: SQSMessageAttribute): [string, MessageAttributeValue][] {
  const { dataType: DataType, stringValue, binaryValue } = value;
  if (stringValue) return [[name, { DataType, StringValue: stringValue }]];
  if (binaryValue) return [[name, { DataType, BinaryValue: Buffer.from(binaryValue, 'base64') }]];
  return [];
}

function text(StringValue: string): MessageAttributeValue {
  return { DataType: 'String', StringValue };
}
