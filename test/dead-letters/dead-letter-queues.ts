import {
  DeleteMessageCommand,
  type Message,
  type MessageAttributeValue,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { QUARANTINE_ATTRIBUTES } from '../../src/contract/quarantine.ts';
import { createQuarantine } from '../../src/dead-letters/quarantine.ts';
import type { QueueRef } from '../../src/dead-letters/queues.ts';
import type { RedriveOptions } from '../../src/dead-letters/redrive.ts';
import { decideRedrive } from '../../src/dead-letters/redrive-decision.ts';
import type { RecordingSettings } from '../../src/ledger/record.ts';
import { toKeyText } from '../../src/ledger/record-key.ts';
import { s3EventRecord, s3Message } from '../builders/s3-event.ts';
import { sqsMessage } from '../builders/sqs-message.ts';
import type { SqsServer } from './sqs-server.ts';

export const SETTINGS: RecordingSettings = { uploads: {}, records: { indexShards: 4, source: 'notification' } };

/** A clock on which time passes only while somebody sleeps. */
export function steppedClock(onSleep: () => Promise<unknown> = async () => undefined): RedriveOptions['clock'] {
  let time = 0;
  return {
    monotonic: () => time,
    sleep: async (milliseconds) => {
      time += milliseconds;
      await onSleep();
    },
  };
}

/** The body of a message that stores one record, a different one for each number. */
export function goodBody(number: number): string {
  const sequencer = number.toString(16).padStart(18, '12');
  return s3Message(s3EventRecord({ key: `file-${number}.txt`, object: { sequencer } }));
}

/** A dead-letter queue and its uploads queue, and what a consumer does with them. */
export interface DeadLetterQueues {
  readonly deadLetters: QueueRef;
  readonly uploads: QueueRef;
  /** Keys of the records that the consumer has stored, as `toKeyText` writes them. */
  readonly stored: Set<string>;
  /** Attributes with a reason get the id that quarantine writes beside it. */
  send(queue: QueueRef, body: string, attributes?: Record<string, string>): Promise<string>;
  /** Receives what is in the uploads queue once. Stores or quarantines it as the consumer would; `refuse` adds refusals. */
  consume(refuse?: (body: string) => boolean): Promise<Message[]>;
  /** Bodies of all messages in a queue, sorted. Leaves them hidden. */
  bodies(queue: QueueRef): Promise<string[]>;
  redriveOptions(options?: Partial<RedriveOptions>): RedriveOptions;
}

export async function openQueues(sqs: SqsServer, name: string): Promise<DeadLetterQueues> {
  const { client } = sqs;
  const deadLetters = { client, url: await sqs.createQueue(`${name}-dead`) };
  const uploads = { client, url: await sqs.createQueue(`${name}-uploads`) };
  const stored = new Set<string>();
  const quarantine = createQuarantine({ client: async () => client, queueUrl: deadLetters.url });
  const queues: DeadLetterQueues = {
    deadLetters,
    uploads,
    stored,
    send: async ({ url }, body, attributes = {}) => {
      const isQuarantined = 'reason' in attributes && !(QUARANTINE_ATTRIBUTES.originalMessageId in attributes);
      const original = isQuarantined && { [QUARANTINE_ATTRIBUTES.originalMessageId]: 'the-original' };
      const MessageAttributes = Object.fromEntries(
        Object.entries({ ...attributes, ...original }).map(([key, StringValue]): [string, MessageAttributeValue] => [
          key,
          { DataType: 'String', StringValue },
        ]),
      );
      const answer = await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: body, MessageAttributes }));
      return answer.MessageId ?? '';
    },
    consume: async (refuse = () => false) => {
      const command = new ReceiveMessageCommand({
        QueueUrl: uploads.url,
        MaxNumberOfMessages: 10,
        MessageAttributeNames: ['All'],
      });
      const { Messages = [] } = await client.send(command);
      for (const { Body = '', MessageId = '', ReceiptHandle } of Messages) {
        const decision = decideRedrive(Body, SETTINGS);
        if (!decision.succeeds || refuse(Body)) {
          const why = decision.succeeds ? { reason: 'refused-by-dynamodb' as const, detail: 'refused' } : decision;
          await quarantine(sqsMessage({ body: Body, messageId: MessageId }), why, new AbortController().signal);
        } else for (const record of decision.records) stored.add(toKeyText(record));
        await client.send(new DeleteMessageCommand({ QueueUrl: uploads.url, ReceiptHandle }));
      }
      return Messages;
    },
    bodies: async ({ url }) => (await sqs.receive(url)).map(({ Body = '' }) => Body).sort(),
    redriveOptions: (options = {}) => ({
      deadLetters,
      uploads,
      settings: SETTINGS,
      all: false,
      dryRun: false,
      canaryMilliseconds: 5_000,
      stored: async (keys) => keys.filter((key) => stored.has(toKeyText(key))),
      found: { supersededBy: async () => undefined, remove: async () => false },
      waitSeconds: 0,
      // Whoever sleeps lets the consumer work meanwhile.
      clock: { monotonic: () => performance.now(), sleep: async () => void (await queues.consume()) },
      ...options,
    }),
  };
  return queues;
}
