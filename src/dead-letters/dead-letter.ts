import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs';
import { QUARANTINE_ATTRIBUTES, QUARANTINE_REASONS } from '../contract/quarantine.ts';

/**
 * Why a message is in the dead-letter queue: the reason that quarantine wrote among its attributes; `retries-used-up`
 * without one (SQS moved it after its last receive); `unknown` for a reason that this version does not know.
 */
export const DEAD_LETTER_REASONS = [...QUARANTINE_REASONS, 'retries-used-up', 'unknown'] as const;

export type DeadLetterReason = (typeof DEAD_LETTER_REASONS)[number];

/** A message of the dead-letter queue. All texts in it are untrusted. */
export interface DeadLetter {
  /** SQS's id of the message. */
  readonly id: string;
  readonly body: string;
  readonly reason: DeadLetterReason;
  /** What quarantine expected and what came. */
  readonly detail?: string;
  /** Id of the message that the quarantined copy was made of. */
  readonly originalMessageId?: string;
  /** All message attributes, quarantine's own among them. */
  readonly attributes: Readonly<Record<string, MessageAttributeValue>>;
  /** When it was first sent to a queue, ISO 8601 UTC: for a quarantined copy, the time of its quarantine. */
  readonly sentAt?: string;
  /** How often it was received, this time included. */
  readonly receives: number;
}

/** @param message Received with all of its attributes. */
export function toDeadLetter(message: Message): DeadLetter {
  const { MessageId = '', Body = '', MessageAttributes = {}, Attributes = {} } = message;
  const text = (name: string) => MessageAttributes[name]?.StringValue || undefined;
  const detail = text(QUARANTINE_ATTRIBUTES.detail);
  const originalMessageId = text(QUARANTINE_ATTRIBUTES.originalMessageId);
  const sentAt = toIsoTime(Attributes.SentTimestamp);
  return {
    id: MessageId,
    body: Body,
    reason: toReason(text(QUARANTINE_ATTRIBUTES.reason)),
    ...(detail !== undefined && { detail }),
    ...(originalMessageId !== undefined && { originalMessageId }),
    attributes: MessageAttributes,
    ...(sentAt !== undefined && { sentAt }),
    receives: Number(Attributes.ApproximateReceiveCount) || 1,
  };
}

function toReason(text: string | undefined): DeadLetterReason {
  if (text === undefined) return 'retries-used-up';
  return QUARANTINE_REASONS.find((reason) => reason === text) ?? 'unknown';
}

/** @param milliseconds Since 1970, as SQS writes times. */
function toIsoTime(milliseconds: string | undefined): string | undefined {
  const time = new Date(Number(milliseconds || Number.NaN));
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}

/** A dead letter in an export: everything that is needed to inspect it later or to send it again. */
export interface ExportedDeadLetter extends Pick<DeadLetter, 'id' | 'reason' | 'detail' | 'receives' | 'body'> {
  readonly original_message_id?: string;
  /** ISO 8601 UTC. */
  readonly sent_at?: string;
  readonly attributes: Readonly<
    Record<string, { readonly type: string; readonly text?: string; readonly base64?: string }>
  >;
}

export function toExport(deadLetter: DeadLetter): ExportedDeadLetter {
  const { id, reason, detail, originalMessageId, sentAt, receives, attributes, body } = deadLetter;
  return {
    id,
    reason,
    ...(detail !== undefined && { detail }),
    ...(originalMessageId !== undefined && { original_message_id: originalMessageId }),
    ...(sentAt !== undefined && { sent_at: sentAt }),
    receives,
    attributes: Object.fromEntries(
      Object.entries(attributes).map(([name, { DataType: type = '', StringValue: text, BinaryValue: bytes }]) => [
        name,
        {
          type,
          ...(text !== undefined && { text }),
          ...(bytes !== undefined && { base64: Buffer.from(bytes).toString('base64') }),
        },
      ]),
    ),
    body,
  };
}
