import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  type Message,
  type MessageAttributeValue,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSMessageAttribute, SQSRecord } from 'aws-lambda';
import { LIMITS } from '../../contract/limits.ts';
import { systemClock } from '../../shared/clock.ts';
import { limitConcurrency } from '../../shared/concurrency.ts';
import { SECOND_MS } from '../../shared/time.ts';
import type { QueueResource } from '../template/resources.ts';
import type { HeldMessage } from './batch.ts';

const MAX_PARALLEL_CALLS = 5;

export interface SourceQueueOptions {
  /** With `useQueueUrlAsEndpoint: false` where queue URLs name a host that does not resolve. */
  readonly sqs: SQSClient;
  readonly queue: Pick<QueueResource, 'arn' | 'url' | 'visibilityTimeoutSeconds'>;
  readonly region: string;
}

interface BatchResult {
  readonly Failed?: readonly { readonly Code: string | undefined; readonly Message?: string | undefined }[] | undefined;
}

/** The queue as an event source uses it. */
export class SourceQueue {
  readonly #options: SourceQueueOptions;

  constructor(options: SourceQueueOptions) {
    this.#options = options;
  }

  /**
   * Receives messages and waits for the first. Never abort it: messages on their way would be lost until they time out.
   */
  async receive(max: number, waitSeconds: number): Promise<HeldMessage[]> {
    const { sqs, queue, region } = this.#options;
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: queue.url,
        MaxNumberOfMessages: max,
        WaitTimeSeconds: waitSeconds,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      }),
    );
    const visibleAt = systemClock.now() + queue.visibilityTimeoutSeconds * SECOND_MS;
    return Messages.map((message) => {
      const record = toRecord(message, queue.arn, region);
      const json = JSON.stringify(record);
      const { messageId: id, receiptHandle } = record;
      return { id, receiptHandle, json, bytes: Buffer.byteLength(json), visibleAt };
    });
  }

  /** @throws Error when SQS refuses a deletion: that message will come again. */
  async delete(messages: readonly HeldMessage[]): Promise<void> {
    const { sqs, queue } = this.#options;
    await inBatches(messages, (Entries) => sqs.send(new DeleteMessageBatchCommand({ QueueUrl: queue.url, Entries })));
  }

  /** Lets messages be received again after so many seconds, whatever the queue's visibility timeout. */
  async retryAfter(messages: readonly HeldMessage[], seconds: number): Promise<void> {
    const { sqs, queue } = this.#options;
    await inBatches(messages, (entries) => {
      const Entries = entries.map((entry) => ({ ...entry, VisibilityTimeout: seconds }));
      return sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queue.url, Entries }));
    });
  }
}

/** Calls `send` with the entries of at most ten messages at a time. */
async function inBatches(
  messages: readonly HeldMessage[],
  send: (entries: { Id: string; ReceiptHandle: string }[]) => Promise<BatchResult>,
): Promise<void> {
  const entries = messages.map(({ receiptHandle }, index) => ({ Id: String(index), ReceiptHandle: receiptHandle }));
  const size = LIMITS.sqs.batchEntries;
  const calls = Array.from({ length: Math.ceil(entries.length / size) }, (_, index) =>
    entries.slice(index * size, (index + 1) * size),
  );
  const limited = limitConcurrency(MAX_PARALLEL_CALLS);
  const results = await Promise.all(calls.map((call) => limited(() => send(call))));
  const refused = results.find(({ Failed = [] }) => Failed.length > 0)?.Failed?.[0];
  if (refused !== undefined) throw new Error(`SQS refused an entry: ${refused.Code} ${refused.Message ?? ''}`);
}

/** A received message in the form in which Lambda hands it to a function. */
export function toRecord(message: Message, queueArn: string, region: string): SQSRecord {
  const { MessageAttributes = {}, MD5OfMessageAttributes } = message;
  const attributes = Object.entries(MessageAttributes).map(([name, value]) => [name, toAttribute(value)]);
  return {
    messageId: message.MessageId ?? '',
    receiptHandle: message.ReceiptHandle ?? '',
    body: message.Body ?? '',
    attributes: (message.Attributes ?? {}) as SQSRecord['attributes'] & Record<string, string>,
    messageAttributes: Object.fromEntries(attributes),
    ...(MD5OfMessageAttributes !== undefined && { md5OfMessageAttributes: MD5OfMessageAttributes }),
    md5OfBody: message.MD5OfBody ?? '',
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: region,
  };
}

function toAttribute({ StringValue, BinaryValue, DataType = 'String' }: MessageAttributeValue): SQSMessageAttribute {
  return {
    ...(StringValue !== undefined && { stringValue: StringValue }),
    ...(BinaryValue !== undefined && { binaryValue: Buffer.from(BinaryValue).toString('base64') }),
    stringListValues: [],
    binaryListValues: [],
    dataType: DataType,
  };
}
