import {
  CreateTableCommand,
  DescribeTableCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, HeadBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { provision } from '../../../src/local/template/provision.ts';
import type { LocalResources } from '../../../src/local/template/resources.ts';
import { readLocalResources } from '../../../src/local/template/template.ts';
import { assemblyDirectory } from '../../setup/assembly-directory.ts';
import { type Emulators, startEmulators } from './provision-emulators.ts';

const region = 'eu-west-1';
let emulators: Emulators;
let resources: LocalResources;

beforeEach(async () => {
  emulators = await startEmulators(region);
  resources = read('000000000000');
});
afterEach(() => emulators.close());

function read(accountId: string): LocalResources {
  return readLocalResources({
    assemblyDirectory: assemblyDirectory(),
    region,
    accountId,
    endpoint: emulators.endpoint,
  });
}

/** The only one of its kind. */
function only<T>(things: readonly T[]): T {
  const [thing] = things;
  if (thing === undefined || things.length > 1) throw new Error(`expected one, got ${things.length}`);
  return thing;
}

function queues() {
  const source = only(resources.queues.filter(({ redrive }) => redrive));
  const deadLetters = only(resources.queues.filter(({ redrive }) => !redrive));
  return { source, deadLetters };
}

describe('provisioning from the synthesized stack', () => {
  it('makes the bucket', async () => {
    await provision(resources, emulators.clients);
    const { name } = only(resources.buckets);
    await expect(emulators.clients.s3.send(new HeadBucketCommand({ Bucket: name }))).resolves.toBeDefined();
  });

  it('gives the queues their attributes', async () => {
    await provision(resources, emulators.clients);
    const { source, deadLetters } = queues();
    const { Attributes } = await emulators.clients.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: source.url, AttributeNames: ['All'] }),
    );
    expect(Attributes).toMatchObject({
      QueueArn: source.arn,
      VisibilityTimeout: '185',
      MessageRetentionPeriod: '864000',
    });
    expect(JSON.parse(Attributes?.RedrivePolicy ?? '')).toEqual({
      deadLetterTargetArn: deadLetters.arn,
      maxReceiveCount: 468,
    });
  });

  it('has the emulator move a message to the dead-letter queue after the template’s number of receives', async () => {
    const { source, deadLetters } = queues();
    const quick = { ...source, visibilityTimeoutSeconds: 0 };
    await provision({ ...resources, queues: [quick, deadLetters] }, emulators.clients);
    const { sqs } = emulators.clients;
    await sqs.send(new SendMessageCommand({ QueueUrl: source.url, MessageBody: 'hopeless' }));
    let receives = 0;
    for (;;) {
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: source.url }));
      if (Messages.length === 0) break;
      receives += 1;
    }
    const dead = await sqs.send(new ReceiveMessageCommand({ QueueUrl: deadLetters.url, WaitTimeSeconds: 1 }));
    expect(receives).toBe(source.redrive?.maxReceiveCount);
    expect(dead.Messages?.map(({ Body }) => Body)).toEqual(['hopeless']);
  });

  it('makes the table with its keys and both indexes', async () => {
    await provision(resources, emulators.clients);
    const { dynamodb } = emulators.clients;
    const { name } = only(resources.tables);
    const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: name }));
    expect(Table?.TableStatus).toBe('ACTIVE');
    expect(Table?.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName).sort()).toEqual(['by_day', 'by_uploader']);

    const Item = Object.fromEntries(
      ['s3_object', 'upload_id', 'day_shard', 'uploader_shard', 'timestamp', 'filename'].map((key) => [
        key,
        { S: key },
      ]),
    );
    await dynamodb.send(new PutItemCommand({ TableName: name, Item }));
    const { Items } = await dynamodb.send(
      new QueryCommand({
        TableName: name,
        IndexName: 'by_uploader',
        KeyConditionExpression: 'uploader_shard = :shard',
        ExpressionAttributeValues: { ':shard': { S: 'uploader_shard' } },
      }),
    );
    expect(Items).toEqual([Item]);
  });

  it('keeps what exists when it runs again, and updates the attributes', async () => {
    await provision(resources, emulators.clients);
    const { s3, sqs, dynamodb } = emulators.clients;
    const { source } = queues();
    const bucket = only(resources.buckets).name;
    const table = only(resources.tables).name;
    const key = { s3_object: { S: 'a' }, upload_id: { S: 'b' } };
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'kept', Body: 'bytes' }));
    await dynamodb.send(new PutItemCommand({ TableName: table, Item: key }));
    await sqs.send(new SendMessageCommand({ QueueUrl: source.url, MessageBody: 'kept' }));

    const changed = resources.queues.map((queue) => ({ ...queue, visibilityTimeoutSeconds: 77 }));
    await provision({ ...resources, queues: changed }, emulators.clients);

    const object = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: 'kept' }));
    expect(await object.Body?.transformToString()).toBe('bytes');
    expect((await dynamodb.send(new GetItemCommand({ TableName: table, Key: key }))).Item).toEqual(key);
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: source.url, AttributeNames: ['All'] }),
    );
    expect(Attributes).toMatchObject({ VisibilityTimeout: '77', ApproximateNumberOfMessages: '1' });
  });

  it('refuses a table that has other keys than the template', async () => {
    const table = only(resources.tables);
    await emulators.clients.dynamodb.send(
      new CreateTableCommand({
        TableName: table.name,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'old', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'old', KeyType: 'HASH' }],
      }),
    );
    await expect(provision(resources, emulators.clients)).rejects.toThrow(
      /keys and indexes s3_object \+ upload_id, by_day \(day_shard \+ timestamp\).*found old\. .*empty data directory/,
    );
  });

  it('refuses another account than the emulator’s', async () => {
    resources = read('123456789012');
    await expect(provision(resources, emulators.clients)).rejects.toThrow(
      /Expected the emulator to make the queue .*:123456789012:.* it made .*:000000000000:/,
    );
  });
});
