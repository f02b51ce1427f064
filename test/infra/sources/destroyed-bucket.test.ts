import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import {
  CreateBucketCommand,
  GetBucketNotificationConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { CreateQueueCommand, DeleteQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { startServiceServer } from '../../../src/local/servers/service-server.ts';

const hasTools = ['jq', 'aws'].every((tool) => spawnSync(tool, ['--version']).status === 0);

/** The commands of the guide that take the ledger's entries out of a bucket. */
function guide(): string {
  const text = readFileSync(new URL('../../../docs/deploying.md', import.meta.url), 'utf8');
  const [, commands] = /Take the ledger's entries out[\s\S]*?```sh\n([\s\S]*?)```/.exec(text) ?? [];
  if (commands === undefined) throw new Error('expected commands in the guide');
  return commands;
}

const arn = (queue: string) => `arn:aws:sqs:us-east-1:000000000000:${queue}`;
const OURS = { Id: 'ours', Events: ['s3:ObjectCreated:*' as const], QueueArn: arn('ledger-queue') };
const THEIRS = { Id: 'theirs', Events: ['s3:ObjectTagging:*' as const], QueueArn: arn('theirs') };

describe.skipIf(!hasTools)(
  'the guide’s commands for a bucket that is left when the stack is gone',
  { timeout: 60_000 },
  () => {
    it.each([
      { what: 'what names the queue that is gone', entries: [OURS, THEIRS], eventBridge: true },
      { what: 'the only entry', entries: [OURS], eventBridge: true },
      { what: 'nothing where events go to EventBridge alone', entries: [], eventBridge: true },
      { what: 'nothing where nothing is configured', entries: [], eventBridge: false },
    ])('take out $what', async ({ entries, eventBridge }) => {
      const server = await startServiceServer();
      onTestFinished(() => server.close());
      const [region, credentials] = ['us-east-1', { accessKeyId: 'local', secretAccessKey: 'local' }];
      const client = { endpoint: server.endpoint, region, credentials };
      const [s3, sqs] = [new S3Client({ ...client, forcePathStyle: true }), new SQSClient(client)];
      const bucket = { Bucket: 'uploads' };
      await s3.send(new CreateBucketCommand(bucket));
      const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'ledger-queue' }));
      await sqs.send(new CreateQueueCommand({ QueueName: 'theirs' }));
      await s3.send(
        new PutBucketNotificationConfigurationCommand({
          ...bucket,
          NotificationConfiguration: {
            QueueConfigurations: entries,
            ...(eventBridge && { EventBridgeConfiguration: {} }),
          },
        }),
      );
      await sqs.send(new DeleteQueueCommand({ QueueUrl }));
      await run(guide().replaceAll('BUCKET', 'uploads').replace('QUEUE', 'ledger-queue'), server.endpoint);
      const after = await s3.send(new GetBucketNotificationConfigurationCommand(bucket));
      expect(after.QueueConfigurations ?? []).toEqual(entries.filter((entry) => entry !== OURS));
      expect(after.EventBridgeConfiguration).toEqual(eventBridge ? {} : undefined);
    });
  },
);

/** Runs commands in a folder of their own. @throws Error with what a command that fails has said. */
async function run(commands: string, endpoint: string): Promise<void> {
  const cwd = mkdtempSync(path.join(inject('scratchDirectory'), 'guide-'));
  const credentials = { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local', AWS_DEFAULT_REGION: 'us-east-1' };
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, AWS_ENDPOINT_URL: endpoint, ...credentials };
  // The server is in this process, which must not wait.
  const child = spawn('sh', ['-ec', commands], { cwd, env });
  const [said, [exitCode]] = await Promise.all([text(child.stderr), once(child, 'close')]);
  if (exitCode !== 0) throw new Error(said);
}
