import { PutObjectCommand } from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startServiceServer } from '../../../src/local/servers/service-server.ts';
import { BUCKET, type Services, startServices } from './service-server-fixture.ts';

let services: Services;
let queueUrl: string;

beforeEach(async () => {
  services = await startServices();
  queueUrl = (await services.sqs.send(new CreateQueueCommand({ QueueName: 'q' }))).QueueUrl ?? '';
});

afterEach(async () => {
  await services.stop();
});

describe('queues', () => {
  it('have URLs that name the endpoint in every answer', async () => {
    expect(queueUrl).toBe(`${services.server.endpoint}/000000000000/q`);
    expect((await services.sqs.send(new GetQueueUrlCommand({ QueueName: 'q' }))).QueueUrl).toBe(queueUrl);
    expect((await services.sqs.send(new ListQueuesCommand({}))).QueueUrls).toEqual([queueUrl]);
  });

  it('accept requests to the URL of the queue', async () => {
    const client = new SQSClient({ region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });
    await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'hello' }));
    client.destroy();
    const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.ReceiveMessage' };
    const answer = await fetch(queueUrl, { method: 'POST', headers, body: JSON.stringify({ QueueUrl: queueUrl }) });
    expect(await answer.json()).toMatchObject({ Messages: [{ Body: 'hello' }] });
  });

  it('keep bodies that name the emulator’s own hosts as they are', async () => {
    const body = 'http://sqs.us-east-1.localhost:4566/000000000000/q';
    await services.sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body }));
    const { Messages } = await services.sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl }));
    expect(Messages?.[0]?.Body).toBe(body);
  });

  it('refuse message move tasks with an error that says what to do', async () => {
    const command = new StartMessageMoveTaskCommand({ SourceArn: 'arn:aws:sqs:us-east-1:000000000000:q' });
    await expect(services.sqs.send(command)).rejects.toMatchObject({
      name: 'UnsupportedOperation',
      message: expect.stringContaining('send them to their source queue'),
    });
  });

  it('show their contents without receiving them', async () => {
    await services.server.sendMessages(queueUrl, [{ body: 'now' }, { body: 'later', delaySeconds: 900 }]);
    expect(await services.server.inspectQueue('q')).toMatchObject({
      ready: [{ body: 'now', approximateReceiveCount: 0 }],
      delayed: [{ body: 'later' }],
      inFlight: [],
    });
    expect(await services.server.inspectQueue('no-such')).toBeUndefined();
  });

  it('count their messages, visible or not', async () => {
    await services.server.sendMessages(queueUrl, [{ body: 'a' }, { body: 'b' }, { body: 'later', delaySeconds: 900 }]);
    await services.sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 1 }));
    expect(await services.server.countMessages(queueUrl)).toBe(3);
    await expect(services.server.countMessages(`${queueUrl}x`)).rejects.toMatchObject({ code: 'count-failed' });
  });

  it('report messages that cannot be sent', async () => {
    await expect(services.server.sendMessages(`${queueUrl}x`, [{ body: 'a' }])).rejects.toMatchObject({
      code: 'send-failed',
    });
    await expect(services.server.sendMessages(queueUrl, [{ body: '\0' }])).rejects.toMatchObject({
      code: 'send-failed',
    });
  });
});

describe('closing the server', () => {
  it('ends long polls with an answer', async () => {
    const polls = [1, 2, 3].map(() =>
      services.sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl, WaitTimeSeconds: 20 })),
    );
    // A poll that had not begun would be refused.
    await expect.poll(() => services.server.openRequests()).toBe(3);
    await services.server.close();
    for (const poll of polls) expect((await poll).Messages).toBeUndefined();
  });

  it('passes on every change and awaits the listeners’ flush while queues still work', async () => {
    const flushed: number[] = [];
    const stop = services.server.onObjectChange(
      () => undefined,
      async () => {
        await services.server.sendMessages(queueUrl, [{ body: 'flushed' }]);
        flushed.push(services.changes.length);
      },
    );
    const puts = Array.from({ length: 50 }, (_, index) =>
      services.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: `k${index}`, Body: 'x' })),
    );
    await puts[0];
    await services.server.close();
    const stored = (await Promise.allSettled(puts)).filter(({ status }) => status === 'fulfilled').length;
    expect(services.changes.length).toBe(stored);
    expect(flushed).toEqual([stored]);
    stop();
  });

  it('frees the port for the next start', async () => {
    const { port } = services.server;
    await expect(startServiceServer({ port })).rejects.toMatchObject({ code: 'port-in-use' });
    await services.server.close();
    const again = await startServiceServer({ port });
    expect(again.port).toBe(port);
    await again.close();
  });
});
