import type { SQSClient } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import type { Unreadable } from '../notification/notification.ts';
import { atMost } from '../shared/concurrency.ts';
import { UploadLedgerError } from '../shared/errors.ts';
import { toQuarantineAttributes } from './quarantine-attributes.ts';

/**
 * Body of the copy of a message that has none: SQS refuses to send an empty body, and the reason among the attributes tells what came.
 */
export const EMPTY_BODY_PLACEHOLDER = '(empty body)';

/** Sends at once: a flood of unreadable messages takes turns. */
const SENDS_IN_FLIGHT = 8;

export interface QuarantineOptions {
  /** Called at the first message; the SQS client is not loaded before. */
  readonly client: () => Promise<SQSClient>;
  /** URL of the dead-letter queue. */
  readonly queueUrl: string;
}

/**
 * Sends a copy of a message that no retry can cure to the dead-letter queue, with the reason beside it. Afterwards the message
 * itself may be acknowledged.
 *
 * @throws {NotQuarantinedError} when the copy was not taken: the message must come back then.
 */
export type Quarantine = (message: SQSRecord, why: Unreadable, signal: AbortSignal) => Promise<void>;

/** A message that should have been quarantined and could not be. */
export class NotQuarantinedError extends UploadLedgerError {
  override readonly name = 'NotQuarantinedError';

  constructor(messageId: string, cause: unknown) {
    const why = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    super('not-quarantined', `Expected the dead-letter queue to take message ${messageId}; got ${why}.`, { cause });
  }
}

/** Opens the way to the dead-letter queue. Nothing is loaded or sent before the first message. */
export function openQuarantine({ client, queueUrl }: QuarantineOptions): Quarantine {
  const inTurn = atMost(SENDS_IN_FLIGHT);
  return async (message, why, abortSignal) => {
    try {
      const [sqs, { SendMessageCommand }] = await Promise.all([client(), import('@aws-sdk/client-sqs')]);
      const command = new SendMessageCommand({
        QueueUrl: queueUrl,
        MessageBody: message.body || EMPTY_BODY_PLACEHOLDER,
        MessageAttributes: toQuarantineAttributes(message, why),
      });
      await inTurn(() => sqs.send(command, { abortSignal }));
    } catch (cause) {
      throw new NotQuarantinedError(message.messageId, cause);
    }
  };
}
