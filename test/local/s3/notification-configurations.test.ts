import {
  GetBucketNotificationConfigurationCommand,
  type NotificationConfiguration,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { CreateQueueCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startObjectNotifier } from '../../../src/local/s3/object-notifier.ts';
import { BUCKET, type Services, startServices } from '../servers/service-server-fixture.ts';

const arnOf = (queue: string) => `arn:aws:sqs:us-east-1:000000000000:${queue}`;

let services: Services;

beforeAll(async () => {
  services = await startServices();
  for (const QueueName of ['first', 'second']) await services.sqs.send(new CreateQueueCommand({ QueueName }));
});
beforeEach(() => put({}));
afterAll(() => services.stop());

async function put(NotificationConfiguration: NotificationConfiguration, SkipDestinationValidation?: boolean) {
  const command = {
    Bucket: BUCKET,
    NotificationConfiguration,
    ...(SkipDestinationValidation && { SkipDestinationValidation }),
  };
  await services.s3.send(new PutBucketNotificationConfigurationCommand(command));
}

async function get(): Promise<NotificationConfiguration> {
  const { $metadata: _, ...configuration } = await services.s3.send(
    new GetBucketNotificationConfigurationCommand({ Bucket: BUCKET }),
  );
  return configuration;
}

type QueueEntry = NonNullable<NotificationConfiguration['QueueConfigurations']>[number];

function entry(Id: string, queue: string, prefix?: string, suffix?: string): QueueEntry {
  const FilterRules = Object.entries({ Prefix: prefix, Suffix: suffix }).flatMap(([Name, Value]) =>
    Value === undefined ? [] : [{ Name: Name as 'prefix', Value }],
  );
  return {
    Id,
    QueueArn: arnOf(queue),
    Events: ['s3:ObjectCreated:*'],
    ...(FilterRules.length > 0 && { Filter: { Key: { FilterRules } } }),
  };
}

/** How many messages are in a queue that this bucket's S3 sent to it. */
async function bodiesIn(queue: string): Promise<string[]> {
  const contents = await services.server.inspectQueue(queue);
  return (contents?.ready ?? []).map(({ body }) => body);
}

describe('the notification configuration of a bucket', () => {
  it('is empty at first, and then what was put', async () => {
    expect(await get()).toEqual({});
    const configuration: NotificationConfiguration = {
      QueueConfigurations: [entry('a', 'first', 'in/', '.p&f'), entry('b', 'second', 'out/')],
      LambdaFunctionConfigurations: [
        { Id: 'f', LambdaFunctionArn: 'arn:aws:lambda:us-east-1:1:function:f', Events: ['s3:ObjectRemoved:*'] },
      ],
      EventBridgeConfiguration: {},
    };
    await put(configuration);
    expect(await get()).toEqual(configuration);
  });

  it('gets ids where none are given', async () => {
    const { Id: _, ...nameless } = entry('', 'first');
    await put({ QueueConfigurations: [nameless] });
    expect((await get()).QueueConfigurations?.[0]?.Id).toMatch(/^[\w-]{36}$/);
  });

  it('sends a test event to each queue, whoever put it there', async () => {
    const before = (await bodiesIn('first')).length;
    await put({ QueueConfigurations: [entry('a', 'first', 'x'), entry('b', 'second', 'y')] });
    await put({ QueueConfigurations: [entry('a', 'first', 'x')] });
    const bodies = await bodiesIn('first');
    expect(bodies.slice(before).map((body) => JSON.parse(body).Event)).toEqual(['s3:TestEvent', 's3:TestEvent']);
  });

  it.each([
    ['two entries with one event type', [entry('a', 'first'), entry('b', 'second')], /ambiguously defined/],
    ['overlapping prefixes', [entry('a', 'first', 'in/'), entry('b', 'second', 'in/x/')], /ambiguously defined/],
    ['a prefix and a suffix', [entry('a', 'first', 'in/'), entry('b', 'second', undefined, '.x')], /ambiguously/],
    ['one id twice', [entry('a', 'first', 'x'), entry('a', 'second', 'y')], /IDs must be unique/],
    ['a queue that is not there', [entry('a', 'gone')], /Unable to validate the following destination/],
  ])('is refused with %s, and stays as it was', async (_, QueueConfigurations, message) => {
    await put({ QueueConfigurations: [entry('old', 'first', 'old/')] });
    await expect(put({ QueueConfigurations })).rejects.toThrow(message);
    expect((await get()).QueueConfigurations).toEqual([entry('old', 'first', 'old/')]);
  });

  it('is taken with overlapping prefixes whose suffixes differ', async () => {
    await put({ QueueConfigurations: [entry('a', 'first', 'in/', '.a'), entry('b', 'second', 'in/x/', '.b')] });
    expect((await get()).QueueConfigurations).toHaveLength(2);
  });

  it('is taken with a queue that is not there, when destinations are not to be looked at', async () => {
    await put({ QueueConfigurations: [entry('a', 'gone')] }, true);
    expect((await get()).QueueConfigurations).toEqual([entry('a', 'gone')]);
  });

  it('decides from then on what is sent', async () => {
    const notifications = () => services.server.notifications.toQueues();
    const { sendMessages } = services.server;
    const notifier = await startObjectNotifier({
      source: services.server,
      notifications,
      send: sendMessages,
      region: 'us-east-1',
    });
    const before = (await bodiesIn('second')).length;
    await put({ QueueConfigurations: [entry('mine', 'second', 'in/')] });
    for (const Key of ['in/a', 'out/b'])
      await services.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: 'x' }));
    await notifier.stop();
    const records = (await bodiesIn('second')).slice(before).flatMap((body) => JSON.parse(body).Records ?? []);
    expect(records.map(({ s3 }) => [s3.configurationId, s3.object.key])).toEqual([['mine', 'in/a']]);
  });

  it('is that of a bucket which is there', async () => {
    const command = new GetBucketNotificationConfigurationCommand({ Bucket: 'nowhere' });
    await expect(services.s3.send(command)).rejects.toMatchObject({ name: 'NoSuchBucket' });
  });
});
