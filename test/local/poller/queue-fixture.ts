import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  type MessageAttributeValue,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { buildApp } from 'fauxqs';
import { onTestFinished } from 'vitest';
import { TRY_ONCE } from '../../builders/try-once.ts';

/** What an emulated queue holds, without receiving it. */
export interface QueueContent {
  readonly ready: { messageId: string; body: string; approximateReceiveCount: number }[];
  readonly inflight: { message: { messageId: string; body: string }; visibilityDeadline: number }[];
}

export interface QueueFixture {
  readonly sqs: SQSClient;
  readonly app: ReturnType<typeof buildApp>;
  createQueue(options?: { visibilityTimeoutSeconds?: number; maxReceiveCount?: number }): Promise<TestQueue>;
}

export interface TestQueue {
  readonly url: string;
  readonly queue: { readonly arn: string; readonly visibilityTimeoutSeconds: number };
  send(...bodies: string[]): Promise<void>;
  sendWith(body: string, attributes: Record<string, MessageAttributeValue>): Promise<void>;
  content(): Promise<QueueContent>;
  /** Of the dead-letter queue, when there is a maximum receive count. */
  deadLetters(): Promise<QueueContent>;
}

/** An SQS emulator of its own for one test, and a client that tries each call once. */
export async function startQueues(): Promise<QueueFixture> {
  const app = buildApp({ logger: false });
  const endpoint = await app.listen({ host: '127.0.0.1', port: 0 });
  const sqs = new SQSClient({
    endpoint,
    useQueueUrlAsEndpoint: false,
    ...TRY_ONCE,
  });
  onTestFinished(async () => {
    await app.close();
    sqs.destroy();
  });
  let count = 0;
  const createQueue: QueueFixture['createQueue'] = async ({ visibilityTimeoutSeconds = 600, maxReceiveCount } = {}) => {
    count += 1;
    const name = `queue-${count}`;
    const dead = maxReceiveCount === undefined ? undefined : await create(`${name}-dlq`, {});
    const { url, arn } = await create(name, {
      VisibilityTimeout: String(visibilityTimeoutSeconds),
      ...(dead !== undefined && {
        RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount }),
      }),
    });
    return {
      url,
      queue: { arn, visibilityTimeoutSeconds },
      send: async (...bodies) => {
        for (let first = 0; first < bodies.length; first += 10) {
          const Entries = bodies
            .slice(first, first + 10)
            .map((body, index) => ({ Id: String(index), MessageBody: body }));
          await sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));
        }
      },
      sendWith: async (body, attributes) => {
        const Entries = [{ Id: '0', MessageBody: body, MessageAttributes: attributes }];
        await sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));
      },
      content: () => inspect(name),
      deadLetters: () => inspect(`${name}-dlq`),
    };
  };
  async function create(QueueName: string, Attributes: Record<string, string>) {
    const { QueueUrl: url = '' } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
    const { Attributes: found } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] }),
    );
    return { url, arn: found?.QueueArn ?? '' };
  }
  async function inspect(name: string): Promise<QueueContent> {
    const response = await fetch(`${endpoint}/_fauxqs/queues/${name}`);
    return ((await response.json()) as { messages: QueueContent }).messages;
  }
  return { sqs, app, createQueue };
}
