import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs';
import { QUARANTINE_ATTRIBUTES, QUARANTINE_REASONS, type QuarantineReason } from '../contract/quarantine.ts';

/**
 * Why a message stands in the dead-letter queue: the reason that quarantine wrote beside it; `retries-used-up` without one (SQS moved it
 * after its last receive); `unknown` for one that this version does not know.
 */
export const DEAD_LETTER_REASONS = [...QUARANTINE_REASONS, 'retries-used-up', 'unknown'] as const;

export type DeadLetterReason = QuarantineReason | 'retries-used-up' | 'unknown';

/** A message of the dead-letter queue. All texts in it are hostile. */
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
  /** Looks at it and tries with it so far, this one included. */
  readonly receives: number;
}

/** The dead letter that `message` is, received with all of its attributes. */
export function toDeadLetter(message: Message): DeadLetter {
  const { MessageId = '', Body = '', MessageAttributes = {}, Attributes = {} } = message;
  const text = (name: string) => MessageAttributes[name]?.StringValue || undefined;
  const detail = text(QUARANTINE_ATTRIBUTES.detail);
  const originalMessageId = text(QUARANTINE_ATTRIBUTES.originalMessageId);
  const sentAt = timeOf(Attributes.SentTimestamp);
  return {
    id: MessageId,
    body: Body,
    reason: reasonOf(text(QUARANTINE_ATTRIBUTES.reason)),
    ...(detail !== undefined && { detail }),
    ...(originalMessageId !== undefined && { originalMessageId }),
    attributes: MessageAttributes,
    ...(sentAt !== undefined && { sentAt }),
    receives: Number(Attributes.ApproximateReceiveCount) || 1,
  };
}

function reasonOf(text: string | undefined): DeadLetterReason {
  if (text === undefined) return 'retries-used-up';
  return QUARANTINE_REASONS.find((reason) => reason === text) ?? 'unknown';
}

/** SQS tells times in epoch milliseconds. */
function timeOf(milliseconds: string | undefined): string | undefined {
  const time = new Date(Number(milliseconds || Number.NaN));
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}

/** A dead letter as it stands in an export: everything needed to look at it later or to send it again. */
export interface ExportedLetter {
  readonly id: string;
  readonly reason: string;
  readonly detail?: string;
  readonly original_message_id?: string;
  /** ISO 8601 UTC. */
  readonly sent_at?: string;
  readonly receives: number;
  readonly attributes: Readonly<
    Record<string, { readonly type: string; readonly text?: string; readonly base64?: string }>
  >;
  readonly body: string;
}

export function toExport({ id, reason, detail, originalMessageId, sentAt, receives, attributes, body }: DeadLetter) {
  const exported: ExportedLetter = {
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
  return exported;
}
