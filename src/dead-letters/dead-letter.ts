import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs';
import { QUARANTINE_ATTRIBUTES, QUARANTINE_REASONS } from '../contract/quarantine.ts';

/**
 * Why a message is in the dead-letter queue: the reason that quarantine wrote among its attributes; `retries-used-up`
 * when SQS moved it after its last receive; `not-delivered` when EventBridge, SNS or Scheduler put it there because
 * they could not send it to the uploads queue; `unknown` for a reason that this version does not know.
 */
export const DEAD_LETTER_REASONS = [...QUARANTINE_REASONS, 'retries-used-up', 'not-delivered', 'unknown'] as const;

export type DeadLetterReason = (typeof DEAD_LETTER_REASONS)[number];

/** A message of the dead-letter queue. All texts in it are untrusted. */
export interface DeadLetter {
  /** SQS's id of the message. */
  readonly id: string;
  readonly body: string;
  readonly reason: DeadLetterReason;
  /** What quarantine expected and what came; the error of the service that could not deliver the message. */
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

/** @param message Received with all of its attributes, and with the system attributes {@link SYSTEM_ATTRIBUTES}. */
export function toDeadLetter(message: Message): DeadLetter {
  const { MessageId = '', Body = '', MessageAttributes = {}, Attributes = {} } = message;
  const sentAt = toIsoTime(Attributes.SentTimestamp);
  return {
    id: MessageId,
    body: Body,
    ...causeOf(message),
    attributes: MessageAttributes,
    ...(sentAt !== undefined && { sentAt }),
    receives: Number(Attributes.ApproximateReceiveCount) || 1,
  };
}

/** What SQS has to say of a message, so that its reason is known. */
export const SYSTEM_ATTRIBUTES = ['SentTimestamp', 'ApproximateReceiveCount', 'DeadLetterQueueSourceArn'] as const;

/**
 * Attributes by which EventBridge and Scheduler, and SNS, say why they could not deliver a message.
 *
 * Sources: EventBridge user guide, "Using dead-letter queues to process undelivered events"; Scheduler user guide,
 * "Configuring a dead-letter queue"; SNS developer guide, "Amazon SNS dead-letter queues".
 */
export const DELIVERY_ERROR_ATTRIBUTES = [
  ['ERROR_CODE', 'ERROR_MESSAGE'],
  ['ErrorCode', 'ErrorMessage'],
] as const;

/**
 * The reason of this time. Message attributes survive every move, and whoever may send to the uploads queue may name
 * one `reason`: so they count only where SQS did not move the message itself, which `DeadLetterQueueSourceArn` tells,
 * and quarantine's only together with the id that it always writes.
 */
function causeOf({
  Attributes = {},
  MessageAttributes = {},
}: Message): Pick<DeadLetter, 'reason' | 'detail' | 'originalMessageId'> {
  if (Attributes.DeadLetterQueueSourceArn) return { reason: 'retries-used-up' };
  const text = (name: string) => MessageAttributes[name]?.StringValue || undefined;
  const reason = text(QUARANTINE_ATTRIBUTES.reason);
  const originalMessageId = text(QUARANTINE_ATTRIBUTES.originalMessageId);
  if (reason !== undefined && originalMessageId !== undefined) {
    const detail = text(QUARANTINE_ATTRIBUTES.detail);
    return { reason: toReason(reason), ...(detail !== undefined && { detail }), originalMessageId };
  }
  for (const [codeName, messageName] of DELIVERY_ERROR_ATTRIBUTES) {
    const code = text(codeName);
    if (code === undefined) continue;
    const errorMessage = text(messageName);
    return { reason: 'not-delivered', detail: errorMessage === undefined ? code : `${code}: ${errorMessage}` };
  }
  return { reason: 'retries-used-up' };
}

function toReason(text: string): DeadLetterReason {
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
