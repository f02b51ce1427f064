import {
  CreateBucketCommand,
  GetBucketNotificationConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  type QueueConfiguration,
  S3Client,
} from '@aws-sdk/client-s3';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Bucket, EventType, type IBucket } from 'aws-cdk-lib/aws-s3';
import { SqsDestination } from 'aws-cdk-lib/aws-s3-notifications';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { UploadLedger } from '../../../infra/upload-ledger.ts';
import type { UploadLedgerProps } from '../../../infra/upload-ledger-props.ts';
import { startServiceServer } from '../../../src/local/servers/service-server.ts';
import { appWithoutBundles } from '../synthesized.ts';
import { canRunHandler, runNotificationHandler } from './cdk-notification-handler.ts';

const BUCKET = 'AWS::S3::Bucket';
const CUSTOM = 'Custom::S3BucketNotifications';

interface Theirs {
  readonly app: App;
  readonly stack: Stack;
  readonly queue: Queue;
}

/** Another program, with a queue that wants events of the bucket too. */
function theirs(): Theirs {
  const app = appWithoutBundles();
  const stack = new Stack(app, 'Theirs');
  return { app, stack, queue: new Queue(stack, 'TheirQueue') };
}

function ownBucket(source: UploadLedgerProps['source'] = {}) {
  const made = theirs();
  const { bucket } = new UploadLedger(made.stack, 'Uploads', { source });
  if (bucket === undefined) throw new Error('expected a bucket');
  return { ...made, bucket };
}

const DELIVERIES = ['notification', 'eventbridge'] as const;

describe.each(DELIVERIES)('the bucket of a ledger with delivery %s', (delivery) => {
  it('refuses every call that would let the CDK replace its notifications, and names two ways out', () => {
    const { bucket, queue } = ownBucket({ delivery });
    const destination = new SqsDestination(queue);
    const message =
      /"Theirs\/Uploads\/Bucket".*replace its whole.*enableEventBridgeNotification\(\).*delivery: "notification"/;
    expect(() => bucket.addEventNotification(EventType.OBJECT_TAGGING, destination)).toThrow(message);
    expect(() => bucket.addObjectCreatedNotification(destination)).toThrow(message);
    expect(() => bucket.addObjectRemovedNotification(destination)).toThrow(message);
  });

  it('sends its events to EventBridge as well, and keeps what the ledger gets', () => {
    const { bucket, stack } = ownBucket({ delivery });
    const before = Template.fromStack(ownBucket({ delivery }).stack).findResources(BUCKET);
    bucket.enableEventBridgeNotification();
    const template = Template.fromStack(stack);
    template.resourceCountIs(CUSTOM, 0);
    const [notifications] = Object.values(before).map(({ Properties }) => Properties.NotificationConfiguration);
    template.hasResourceProperties(BUCKET, {
      NotificationConfiguration: { ...notifications, EventBridgeConfiguration: { EventBridgeEnabled: true } },
    });
  });

  it('fails the synthesis when a custom resource for it was made in another way', () => {
    const { app, bucket, stack, queue } = ownBucket({ delivery });
    const same = Bucket.fromBucketName(stack, 'Same', bucket.bucketName);
    same.addEventNotification(EventType.OBJECT_TAGGING, new SqsDestination(queue));
    expect(() => app.synth()).toThrow(/Expected no other notifications on "Theirs\/Uploads\/Bucket"/);
  });

  it('fails the synthesis when a custom resource names it', () => {
    const { app, stack, queue } = ownBucket({ delivery, bucketName: 'my-uploads' });
    const same = Bucket.fromBucketName(stack, 'Same', 'my-uploads');
    same.addEventNotification(EventType.OBJECT_TAGGING, new SqsDestination(queue));
    expect(() => app.synth()).toThrow(/Expected no other notifications on "Theirs\/Uploads\/Bucket"/);
  });
});

describe('two ledgers', () => {
  it('share the bucket of one of them through EventBridge, once it sends its events there', () => {
    const { app, bucket, stack } = ownBucket();
    new UploadLedger(stack, 'Second', { source: { buckets: [bucket as IBucket] } });
    bucket.enableEventBridgeNotification();
    const template = Template.fromStack(stack);
    template.resourceCountIs(CUSTOM, 0);
    template.hasResourceProperties(BUCKET, {
      NotificationConfiguration: {
        EventBridgeConfiguration: { EventBridgeEnabled: true },
        QueueConfigurations: Match.anyValue(),
      },
    });
    expect(warnings(app)).toEqual([]);
  });

  it('are warned of a shared bucket that does not send its events to EventBridge', () => {
    const { app, bucket, stack } = ownBucket();
    new UploadLedger(stack, 'Second', { source: { buckets: [bucket as IBucket] } });
    expect(warnings(app)).toEqual([
      expect.stringMatching(/^Bucket "Theirs\/Uploads\/Bucket" does not send its events to EventBridge/),
    ]);
  });

  it('cannot both have the notifications of a bucket that one of them made', () => {
    const { bucket, stack } = ownBucket();
    const source = { buckets: [bucket as IBucket], delivery: 'notification' } as const;
    expect(() => new UploadLedger(stack, 'Second', { source })).toThrow(/Expected no other notifications on/);
  });
});

describe('an existing bucket of the program', () => {
  it('is warned of as long as it does not send its events to EventBridge', () => {
    const { app, stack } = theirs();
    const silent = new Bucket(stack, 'Silent');
    const made = new Bucket(stack, 'Made', { eventBridgeEnabled: true });
    const switched = new Bucket(stack, 'Switched');
    const source = { buckets: [silent, made, switched, Bucket.fromBucketName(stack, 'Known', 'known')] as IBucket[] };
    new UploadLedger(stack, 'Uploads', { source });
    switched.enableEventBridgeNotification();
    expect(warnings(app)).toEqual([expect.stringMatching(/^Bucket "Theirs\/Silent" does not send its events/)]);
  });

  it('with delivery notification gets the ledger’s notifications beside those that its owner adds', () => {
    const { stack, queue } = theirs();
    const bucket = new Bucket(stack, 'Bucket');
    bucket.addEventNotification(EventType.OBJECT_TAGGING, new SqsDestination(queue));
    const source = { buckets: [bucket as IBucket], delivery: 'notification' } as const;
    new UploadLedger(stack, 'Uploads', { source, prefix: 'my files/', events: ['ObjectCreated:*'] });
    Template.fromStack(stack).hasResourceProperties(CUSTOM, {
      NotificationConfiguration: {
        QueueConfigurations: [
          { Events: ['s3:ObjectTagging:*'], QueueArn: arnOf('TheirQueue') },
          {
            Events: ['s3:ObjectCreated:*'],
            Filter: { Key: { FilterRules: [{ Name: 'prefix', Value: 'my+files/' }] } },
            QueueArn: arnOf('UploadsQueue'),
          },
        ],
      },
    });
  });

  it('with delivery notification is admitted to the queue before it notifies, by its name alone', () => {
    const { stack } = theirs();
    const source = { buckets: ['mine', 'other'], delivery: 'notification' } as const;
    new UploadLedger(stack, 'Uploads', { source });
    const template = Template.fromStack(stack);
    template.resourceCountIs(CUSTOM, 0);
    template.resourceCountIs('AWS::Events::Rule', 0);
    const [admitted] = Object.values(template.findResources('AWS::SQS::QueuePolicy')).flatMap(({ Properties }) =>
      Properties.PolicyDocument.Statement.filter(({ Effect }: { Effect: string }) => Effect === 'Allow'),
    );
    expect(admitted).toMatchObject({
      Principal: { Service: 's3.amazonaws.com' },
      Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
    });
    expect(JSON.stringify(admitted.Condition.ArnEquals)).toMatch(/:s3:::mine.*:s3:::other/);
  });

  it('of another stack is refused with delivery notification: each stack would wait for the other', () => {
    const { app, stack } = theirs();
    const source = {
      buckets: [new Bucket(new Stack(app, 'Elsewhere'), 'B') as IBucket],
      delivery: 'notification',
    } as const;
    expect(() => new UploadLedger(stack, 'Uploads', { source })).toThrow(
      /source\.buckets = "<Elsewhere\/B>": must be names, or buckets of the same stack, when delivery is notification/,
    );
  });
});

describe.skipIf(!canRunHandler)('what the CDK’s own code writes at deployment', () => {
  it('has the notifications of the ledger and those of the bucket’s owner', async () => {
    const { stack, queue } = theirs();
    const bucket = new Bucket(stack, 'Bucket');
    const source = { buckets: [bucket as IBucket], delivery: 'notification' } as const;
    new UploadLedger(stack, 'Uploads', { source, events: ['ObjectCreated:*'] });
    bucket.addEventNotification(EventType.OBJECT_TAGGING, new SqsDestination(queue));
    const s3 = await localBucket(Template.fromStack(stack));
    await s3.deploy();
    expect(await s3.entries()).toEqual(['UploadsQueue s3:ObjectCreated:*', 'TheirQueue s3:ObjectTagging:*']);
    await s3.deploy('Update');
    expect(await s3.entries()).toEqual(['UploadsQueue s3:ObjectCreated:*', 'TheirQueue s3:ObjectTagging:*']);
  });

  it('keeps EventBridge switched on when the owner of a bucket adds notifications', async () => {
    const { stack, queue } = theirs();
    const bucket = new Bucket(stack, 'Bucket', { eventBridgeEnabled: true });
    new UploadLedger(stack, 'Uploads', { source: { buckets: [bucket as IBucket] } });
    bucket.addEventNotification(EventType.OBJECT_TAGGING, new SqsDestination(queue));
    const s3 = await localBucket(Template.fromStack(stack));
    await s3.deploy();
    expect(await s3.entries()).toEqual(['TheirQueue s3:ObjectTagging:*', 'EventBridge']);
  });

  it('keeps entries of the ledger in a bucket that the program only knows by name', async () => {
    const { stack, queue } = theirs();
    const bucket = Bucket.fromBucketName(stack, 'Known', 'bucket');
    new UploadLedger(stack, 'Uploads', { source: { buckets: ['bucket'], delivery: 'notification' } });
    bucket.addEventNotification(EventType.OBJECT_TAGGING, new SqsDestination(queue));
    const s3 = await localBucket(Template.fromStack(stack));
    await s3.put([{ Id: 'ledger', Events: ['s3:ObjectCreated:*'], QueueArn: s3.arn('UploadsQueue') }]);
    await s3.deploy();
    expect(await s3.entries()).toEqual(['UploadsQueue s3:ObjectCreated:*', 'TheirQueue s3:ObjectTagging:*']);
    await s3.deploy('Delete');
    expect(await s3.entries()).toEqual(['UploadsQueue s3:ObjectCreated:*']);
  });

  it('would have replaced the notifications of a bucket that the ledger made', async () => {
    const { stack, queue } = theirs();
    const bucket = new Bucket(stack, 'Bucket');
    bucket.addEventNotification(EventType.OBJECT_TAGGING, new SqsDestination(queue));
    new UploadLedger(stack, 'Uploads', { source: { buckets: ['bucket'], delivery: 'notification' } });
    const s3 = await localBucket(Template.fromStack(stack));
    await s3.put([{ Id: 'ledger', Events: ['s3:ObjectCreated:*'], QueueArn: s3.arn('UploadsQueue') }]);
    await s3.deploy();
    expect(await s3.entries()).toEqual(['TheirQueue s3:ObjectTagging:*']);
  });
});

function arnOf(logicalId: string) {
  return { 'Fn::GetAtt': [Match.stringLikeRegexp(`^${logicalId}`), 'Arn'] };
}

/** What the synthesis says that is no error. */
function warnings(app: App): string[] {
  return app
    .synth()
    .stacks.flatMap(({ messages }) => messages)
    .filter(({ level }) => level === 'warning')
    .map(({ entry }) => String(entry.data));
}

/** The bucket of a template in a local S3, and its queues. */
async function localBucket(template: Template) {
  const server = await startServiceServer();
  onTestFinished(() => server.close());
  const client = {
    endpoint: server.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  };
  const [s3, sqs] = [new S3Client({ ...client, forcePathStyle: true }), new SQSClient(client)];
  const Bucket = 'bucket';
  await s3.send(new CreateBucketCommand({ Bucket }));
  const queues = Object.keys(template.findResources('AWS::SQS::Queue'));
  for (const QueueName of queues) await sqs.send(new CreateQueueCommand({ QueueName }));
  const [custom] = Object.values(template.findResources(CUSTOM));
  const { SkipDestinationValidation: _, Managed, ...properties } = custom?.Properties ?? {};
  const ResourceProperties = { ...physical({ ...properties, BucketName: Bucket }), Managed: String(Managed) };
  return {
    arn: (name: string) => arn(queues.find((queue) => queue.startsWith(name)) ?? ''),
    put: (QueueConfigurations: QueueConfiguration[]) =>
      s3.send(
        new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration: { QueueConfigurations } }),
      ),
    deploy: (RequestType: 'Create' | 'Update' | 'Delete' = 'Create') =>
      runNotificationHandler(
        {
          RequestType,
          ResourceProperties,
          ...(RequestType === 'Update' && { OldResourceProperties: ResourceProperties }),
        },
        server.endpoint,
      ),
    entries: async () => {
      const { QueueConfigurations = [], EventBridgeConfiguration } = await s3.send(
        new GetBucketNotificationConfigurationCommand({ Bucket }),
      );
      const named = QueueConfigurations.map(({ QueueArn = '', Events = [] }) => {
        const queue = ['UploadsQueue', 'TheirQueue'].find((name) => QueueArn.includes(`:${name}`));
        return `${queue} ${Events.join()}`;
      });
      return [...named, ...(EventBridgeConfiguration === undefined ? [] : ['EventBridge'])];
    },
  };
}

function arn(queueName: string): string {
  return `arn:aws:sqs:us-east-1:000000000000:${queueName}`;
}

/** Properties with the ARNs of queues in place of references to them. */
function physical(value: object): Record<string, unknown> {
  return JSON.parse(
    JSON.stringify(value, (_, part: { readonly 'Fn::GetAtt'?: readonly [string, string] } | undefined) =>
      part?.['Fn::GetAtt'] === undefined ? part : arn(part['Fn::GetAtt'][0]),
    ),
  );
}
