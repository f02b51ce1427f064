import {
  CreateQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Services, startServices } from './service-server-fixture.ts';

let services: Services;

beforeEach(async () => {
  services = await startServices();
});

afterEach(async () => {
  await services.stop();
});

const create = async (QueueName: string) =>
  (await services.sqs.send(new CreateQueueCommand({ QueueName }))).QueueUrl ?? '';

const receive = async (QueueUrl: string, MessageSystemAttributeNames?: readonly 'DeadLetterQueueSourceArn'[]) => {
  const { Messages = [] } = await services.sqs.send(
    new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: 10,
      VisibilityTimeout: 0,
      ...(MessageSystemAttributeNames && { MessageSystemAttributeNames: [...MessageSystemAttributeNames] }),
    }),
  );
  return Messages;
};

it('names the source queue of what SQS moved to a dead-letter queue, and of nothing that somebody sent there', async () => {
  const [uploads, dead] = [await create('uploads'), await create('dead')];
  const policy = { deadLetterTargetArn: 'arn:aws:sqs:us-east-1:000000000000:dead', maxReceiveCount: 1 };
  await services.sqs.send(
    new SetQueueAttributesCommand({ QueueUrl: uploads, Attributes: { RedrivePolicy: JSON.stringify(policy) } }),
  );
  await services.sqs.send(new SendMessageCommand({ QueueUrl: dead, MessageBody: 'sent' }));
  const Entries = [{ Id: '0', MessageBody: 'sent in a batch' }];
  await services.sqs.send(new SendMessageBatchCommand({ QueueUrl: dead, Entries }));
  await services.sqs.send(new SendMessageCommand({ QueueUrl: uploads, MessageBody: 'moved' }));
  expect(await receive(uploads, ['DeadLetterQueueSourceArn'])).toMatchObject([{ Body: 'moved' }]);
  expect(await receive(uploads)).toEqual([]);
  const sources = (await receive(dead, ['DeadLetterQueueSourceArn'])).map(({ Body, Attributes }) => [
    Body,
    Attributes?.DeadLetterQueueSourceArn,
  ]);
  expect(Object.fromEntries(sources)).toEqual({
    sent: undefined,
    'sent in a batch': undefined,
    moved: 'arn:aws:sqs:us-east-1:000000000000:uploads',
  });
  expect((await receive(dead)).map(({ Attributes }) => Attributes)).toEqual([undefined, undefined, undefined]);
});
