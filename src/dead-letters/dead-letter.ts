import type { MessageAttributeValue } from '@aws-sdk/client-sqs';
import { QUARANTINE_REASONS } from '../contract/quarantine.ts';

/**
 * Why a message is in the dead-letter queue: the reason that quarantine wrote among its attributes; `retries-used-up`
 * when SQS moved it after its last receive; `not-delivered` when EventBridge, SNS or Scheduler put it there because
 * they could not send it to the uploads queue; `sent-directly` when somebody sent it straight there, though it can be
 * read; `unknown` for a reason that this version does not know.
 */
export const DEAD_LETTER_REASONS = [
  ...QUARANTINE_REASONS,
  'retries-used-up',
  'not-delivered',
  'sent-directly',
  'unknown',
] as const;

export type DeadLetterReason = (typeof DEAD_LETTER_REASONS)[number];

/** A message of the dead-letter queue. All texts in it are untrusted. */
export interface DeadLetter {
  /** SQS's id of the message. */
  readonly id: string;
  readonly body: string;
  readonly reason: DeadLetterReason;
  /** What the parser expected and what came; the error of the service that could not deliver the message. */
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
