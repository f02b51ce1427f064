import type { Message } from '@aws-sdk/client-sqs';
import { QUARANTINE_ATTRIBUTES, QUARANTINE_REASONS } from '../contract/quarantine.ts';
import { UnreadableMessageError } from '../notification/fields.ts';
import { parseMessageBody } from '../notification/parse-message.ts';
import type { DeadLetter, DeadLetterReason } from './dead-letter.ts';

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

type Cause = Pick<DeadLetter, 'reason' | 'detail' | 'originalMessageId'>;

/**
 * The reason of this time. Message attributes survive every move, and every sender of the uploads queue can name one
 * `reason`. So they do not count when SQS moved the message itself (`DeadLetterQueueSourceArn` is set), and
 * quarantine's count only together with the id that it always writes.
 */
function causeOf({ Attributes = {}, MessageAttributes = {}, Body = '' }: Message): Cause {
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
  return causeOfSent(Body);
}

/** Nobody says why it is there, so somebody has sent it there: of one that cannot be read the parser knows the reason. */
function causeOfSent(body: string): Cause {
  try {
    const notification = parseMessageBody(body);
    const [unreadable] = notification.kind === 'events' ? notification.unreadable : [];
    return unreadable ?? { reason: 'sent-directly' };
  } catch (error) {
    if (error instanceof UnreadableMessageError) return { reason: error.code, detail: error.detail };
    throw error;
  }
}

function toReason(text: string): DeadLetterReason {
  return QUARANTINE_REASONS.find((reason) => reason === text) ?? 'unknown';
}

/** @param milliseconds Since 1970, as SQS writes times. */
function toIsoTime(milliseconds: string | undefined): string | undefined {
  const time = new Date(Number(milliseconds || Number.NaN));
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}
