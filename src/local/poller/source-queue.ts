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
import type { HeldMessage } from './batch.ts';

/** Batch calls at the same time. */
const LANES = 5;

export interface SourceQueueOptions extends RecordSource {
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  readonly visibilityTimeoutSeconds: number;
}

/** The queue as an event source uses it. */
export class SourceQueue {
  readonly #options: SourceQueueOptions;

  constructor(options: SourceQueueOptions) {
    this.#options = options;
  }

  /** Receives messages and waits for the first; never to be aborted, for messages on their way would be lost until they time out. */
  async receive(most: number, waitSeconds: number): Promise<HeldMessage[]> {
    const { sqs, queueUrl, visibilityTimeoutSeconds } = this.#options;
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: most,
        WaitTimeSeconds: waitSeconds,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      }),
    );
    const visibleAt = Date.now() + visibilityTimeoutSeconds * 1000;
    return Messages.map((message) => {
      const record = toRecord(message, this.#options);
      const json = JSON.stringify(record);
      const { messageId: id, receiptHandle } = record;
      return { id, receiptHandle, json, bytes: Buffer.byteLength(json), visibleAt };
    });
  }

  /** @throws Error when SQS refuses a deletion: that message will come again. */
  async delete(messages: readonly HeldMessage[]): Promise<void> {
    await this.#inTens(messages, async (ten) => {
      const Entries = ten.map(({ receiptHandle }, index) => ({ Id: String(index), ReceiptHandle: receiptHandle }));
      return this.#options.sqs.send(new DeleteMessageBatchCommand({ QueueUrl: this.#options.queueUrl, Entries }));
    });
  }

  /** Lets messages be received again after so many seconds, whatever the queue's visibility timeout. */
  async retryAfter(messages: readonly HeldMessage[], seconds: number): Promise<void> {
    await this.#inTens(messages, async (ten) => {
      const Entries = ten.map(({ receiptHandle }, index) => ({
        Id: String(index),
        ReceiptHandle: receiptHandle,
        VisibilityTimeout: seconds,
      }));
      const { queueUrl, sqs } = this.#options;
      return sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries }));
    });
  }

  async #inTens(messages: readonly HeldMessage[], send: (ten: HeldMessage[]) => Promise<BatchResult>): Promise<void> {
    const tens = Array.from({ length: Math.ceil(messages.length / LIMITS.sqs.batchEntries) }, (_, index) =>
      messages.slice(index * LIMITS.sqs.batchEntries, (index + 1) * LIMITS.sqs.batchEntries),
    );
    const lane = async () => {
      for (let ten = tens.shift(); ten !== undefined; ten = tens.shift()) {
        const [refused] = (await send(ten)).Failed ?? [];
        if (refused !== undefined) throw new Error(`SQS refused an entry: ${refused.Code} ${refused.Message ?? ''}`);
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
  }
}

interface BatchResult {
  readonly Failed?: readonly { readonly Code: string | undefined; readonly Message?: string | undefined }[] | undefined;
}

/** Where a record says that it comes from. */
export interface RecordSource {
  readonly queueArn: string;
  readonly region: string;
}

/** A received message in the form in which Lambda hands it to a function. */
export function toRecord(message: Message, { queueArn, region }: RecordSource): SQSRecord {
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
