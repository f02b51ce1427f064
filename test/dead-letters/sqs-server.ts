import { CreateQueueCommand, type Message, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { buildApp } from 'fauxqs';
import { TRY_ONCE } from '../builders/try-once.ts';

export interface SqsServer {
  readonly endpoint: string;
  readonly client: SQSClient;
  createQueue(name: string): Promise<string>;
  /** Everything in the queue. */
  receive(queueUrl: string): Promise<Message[]>;
  close(): Promise<void>;
}

/** SQS in this process on a free port. */
export async function startSqs(): Promise<SqsServer> {
  const app = buildApp({ logger: false });
  const endpoint = await app.listen({ host: '127.0.0.1', port: 0 });
  const client = new SQSClient({
    endpoint,
    useQueueUrlAsEndpoint: false,
    ...TRY_ONCE,
  });
  return {
    endpoint,
    client,
    createQueue: async (QueueName) => (await client.send(new CreateQueueCommand({ QueueName }))).QueueUrl ?? '',
    receive: (queueUrl) => receiveAll(client, queueUrl),
    close: async () => {
      client.destroy();
      await app.close();
    },
  };
}

async function receiveAll(client: SQSClient, QueueUrl: string): Promise<Message[]> {
  const all: Message[] = [];
  for (;;) {
    const command = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] });
    const { Messages = [] } = await client.send(command);
    if (Messages.length === 0) return all;
    all.push(...Messages);
  }
}
