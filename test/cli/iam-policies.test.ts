import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CreateQueueCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, type OpenLedger } from '../../src/cli/connection.ts';
import { StopReason } from '../../src/cli/errors.ts';
import { EMAIL_SETTINGS_FILE } from '../../src/contract/email-settings.ts';
import { UNKNOWN_BUCKET } from '../../src/contract/outputs.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { DAY_MS } from '../../src/shared/time.ts';
import { alertRule, emailSettings } from '../builders/email-settings.ts';
import { s3EventRecord, s3Message } from '../builders/s3-event.ts';
import { BUCKET, type BucketWorld, openBucketWorld } from '../ledger/reconcile/bucket-world.ts';
import { type AwsStub, startAwsStub } from './aws-stub.ts';
import { runCli } from './cli.ts';
import {
  behindTopic,
  deliveriesAt,
  functionHasFiles,
  healthy,
  ledgerAt,
  policyFor,
  queuesAre,
  RULE_ARN,
  throughEventBridge,
  withEmail,
  withEvents,
  withExistingBuckets,
  withWebhooks,
} from './doctor/deployed-world.ts';
import { observedLedger } from './observed-calls.ts';

const FOLDER = path.resolve(import.meta.dirname, '../../docs/iam');

let [aws, world]: [AwsStub, BucketWorld] = [undefined as never, undefined as never];
let ledger: OpenLedger;

beforeAll(async () => {
  [aws, world] = await Promise.all([startAwsStub(), openBucketWorld()]);
  const [queueUrl, deadLetterQueueUrl] = await Promise.all([world.createQueue('uploads'), world.createQueue('dead')]);
  await world.services.sqs.send(new CreateQueueCommand({ QueueName: 'ledger' }));
  const { tableName, indexShards, client } = world.table;
  const digests = [{ name: 'daily', timeZone: 'UTC' }];
  const deployed = ledgerAt(aws, { tableName, indexShards, queueUrl, deadLetterQueueUrl, bucketName: BUCKET, digests });
  const clients = {
    ...deployed.clients,
    dynamodb: async () => client as never,
    s3: async () => world.s3,
    sqs: async () => world.services.sqs,
  };
  ledger = { ...deployed, clients };
  aws.answer('GetMetricData', { MetricDataResults: [] });
  functionHasFiles(aws, { [EMAIL_SETTINGS_FILE]: JSON.stringify(emailSettings({ alerts: [alertRule('urgent')] })) });
});
afterAll(() => Promise.all([aws.close(), world.close()]));

/** A webhook, and an event that could not be delivered to it. */
async function failDelivery(): Promise<void> {
  const queueUrl = await world.createQueue('deliveries');
  const webhooks = [{ name: 'orders', rule: 'orders-rule' }];
  ledger = { ...ledger, resources: { ...ledger.resources, deliveries: { queueUrl, eventBus: 'bus', webhooks } } };
  aws.answer('PutEvents', { Entries: [{ EventId: 'put-1' }] });
  aws.answer('DescribeRule', { Arn: RULE_ARN, State: 'ENABLED', EventPattern: '{}' });
  aws.answer('TestEventPattern', { Result: true });
  const MessageBody = JSON.stringify({ id: '1', source: 'upload-ledger', 'detail-type': 'UploadRecorded', detail: {} });
  const rule = { DataType: 'String', StringValue: 'arn:aws:events:eu-west-1:111122223333:rule/bus/orders-rule' };
  const MessageAttributes = { RULE_ARN: rule };
  const command = new SendMessageCommand({ QueueUrl: queueUrl, MessageBody, MessageAttributes });
  await world.services.sqs.send(command);
}

/** Those of a policy's file that are allowed. */
function allowedBy(file: string): string[] {
  const { Statement } = JSON.parse(readFileSync(path.join(FOLDER, `${file}.json`), 'utf8'));
  return Statement.flatMap(({ Action }: { Action: string[] }) => Action).sort();
}

/** Finding the ledger, as every command does. */
async function callsToFind(actions: Set<string>): Promise<void> {
  aws.answer('DescribeStacks', '<Stacks></Stacks>');
  const { clients } = observedLedger(ledgerAt(aws), actions);
  const environment = { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' };
  const surroundings = { directory: '/nowhere', environment, makeClients: () => clients };
  await connect({ stack: 'Prod' }, surroundings).catch(() => undefined);
}

/** When no notification of what the tests upload can still arrive. */
const later = () => new Date(systemClock.now() + 30 * DAY_MS);

/** The actions that these commands call for. */
async function callsOf(commands: readonly (readonly string[])[], on: OpenLedger = ledger): Promise<string[]> {
  const actions = new Set<string>();
  await callsToFind(actions);
  const observed = observedLedger(on, actions);
  for (const args of commands) {
    let stop = new AbortController();
    const { stderr, exitCode } = await runCli(args, {
      ledger: observed,
      now: later,
      prepare: (_, controller) => {
        stop = controller;
      },
      // It has no other end.
      sleep: async () => {
        if (args[0] === 'tail') stop.abort(new StopReason('stopped', 0));
      },
    });
    // A command that fails half-way would call for less than it needs.
    if (exitCode === 2) throw new Error(`${args.join(' ')}: ${stderr}`);
  }
  return [...actions].sort();
}

/** The actions that the console calls for while somebody looks at these addresses of its API. */
async function callsOfConsole(requests: readonly (readonly [method: string, path: string])[]): Promise<string[]> {
  const actions = new Set<string>();
  await callsToFind(actions);
  let visited = Promise.resolve();
  await runCli(['console'], {
    ledger: observedLedger(ledger, actions),
    prepare: (stdout, stop) => {
      stdout.onWrite = (text) => {
        const [, url, token] = /(http:\S+)\/#token=(\S+)/.exec(text) ?? [];
        const look = async ([method, path]: readonly [string, string]) => {
          const headers = { authorization: `Bearer ${token}` };
          const answer = await fetch(`${url}${path}`, { method, headers, ...(method === 'POST' && { body: '{}' }) });
          if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
          // Without an end, but with a first line of each kind at once.
          if (path === '/api/live') await queuesAreShown(answer);
          else await answer.text();
        };
        if (url !== undefined) {
          visited = Promise.all(requests.map(look)).then(() => stop.abort(new StopReason('stopped', 0)));
          visited.catch(() => stop.abort(new StopReason('failed', 2)));
        }
        return true;
      };
    },
  });
  await visited;
  return [...actions].sort();
}

async function queuesAreShown(answer: Response): Promise<void> {
  const decoder = new TextDecoder();
  for await (const chunk of answer.body ?? []) if (decoder.decode(chunk).includes('"queues"')) return;
}

const INVENTORY = {
  sourceBucket: BUCKET,
  destinationBucket: `arn:aws:s3:::${BUCKET}`,
  fileFormat: 'CSV',
  fileSchema: 'Bucket, Key, Size, LastModifiedDate, ETag',
  files: [],
};

const READING = [
  ['list', '--since', '1d'],
  ['list', '--uploader', 'alice'],
  ['show', `s3://${BUCKET}/a.txt`],
  ['stats', '--since', '1d'],
  ['tail', '--last', '0'],
  ['digest', 'preview'],
  ['alerts', 'test', '--since', '1d'],
];

describe('the policies in docs/iam', () => {
  it('let a reader do exactly what reading calls for', async () => {
    await world.put('a.txt', 'a');
    expect(await callsOf(READING)).toEqual(allowedBy('reader'));
  });

  it('let an operator do exactly what the commands on dead letters and backfill call for', async () => {
    const event = s3EventRecord({ key: 'b.txt', bucket: BUCKET });
    const { deadLetterQueueUrl: QueueUrl } = ledger.resources;
    for (const MessageBody of [s3Message(event), 'poison', 'poison']) {
      await world.services.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    }
    await failDelivery();
    await world.put('c.txt', 'c', 'unseen');
    await world.put('lists/manifest.json', JSON.stringify(INVENTORY));
    const calls = await callsOf([
      ...READING,
      ['dlq', 'list'],
      ['dlq', 'show', 'no such id'],
      ['dlq', 'export', '-'],
      ['dlq', 'redrive', '--limit', '1'],
      ['dlq', 'redrive', '--all'],
      ['dlq', 'purge', '--yes'],
      ['dlq', 'redrive', '--queue', 'deliveries'],
      ['backfill', `s3://${BUCKET}`],
      ['backfill', `s3://${BUCKET}`, '--inventory', `s3://${BUCKET}/lists/manifest.json`],
    ]);
    expect(calls).toEqual(allowedBy('operator'));
  });

  it('let the console show what it shows', async () => {
    await world.put('f.txt', 'f');
    await world.services.sqs.send(
      new SendMessageCommand({ QueueUrl: ledger.resources.deadLetterQueueUrl, MessageBody: 'poison' }),
    );
    const calls = await callsOfConsole([
      ['GET', '/api/live'],
      ['GET', '/api/records?prefix=f'],
      ['GET', '/api/records?uploader=alice'],
      ['GET', '/api/export'],
      ['GET', '/api/statistics'],
      ['GET', `/api/object?bucket=${BUCKET}&key=f.txt`],
      ['POST', '/api/dead-letters'],
      ['GET', '/api/dead-letters/export'],
      ['GET', '/api/digest?name=daily'],
    ]);
    expect(calls).toEqual(allowedBy('console'));
  });

  it('let doctor look at every kind of deployment, and nothing more', async () => {
    const actions = new Set<string>();
    const deployments = [
      healthy,
      withEmail,
      withEvents,
      throughEventBridge,
      behindTopic,
      withExistingBuckets,
      withWebhooks,
    ];
    for (const deploy of deployments) {
      healthy(aws);
      deploy(aws);
      const digests = [{ name: 'daily', timeZone: 'UTC' }];
      for (const action of await callsOf(
        [['doctor']],
        ledgerAt(aws, {
          digests,
          ...(deploy === behindTopic && { bucketName: UNKNOWN_BUCKET }),
          ...(deploy === withWebhooks && deliveriesAt(aws)),
        }),
      ))
        actions.add(action);
    }
    // In a checkout of the stack it also compares the settings; CloudFormation asks SNS in the caller's name.
    const more = ['cloudformation:GetTemplateSummary', 'sns:GetSubscriptionAttributes'];
    expect([...actions, ...more].sort()).toEqual(allowedBy('doctor'));
  });

  it('let attach and detach change the notifications of a bucket', async () => {
    const Policy = policyFor('s3.amazonaws.com', `arn:aws:s3:::${BUCKET}`);
    queuesAre(aws, { uploads: { Policy } });
    const made = `<StackName>Theirs</StackName><PhysicalResourceId>${BUCKET}</PhysicalResourceId>`;
    aws.answer('DescribeStackResources', `<StackResources><member>${made}</member></StackResources>`);
    aws.answer('GetTemplate', '<TemplateBody>{}</TemplateBody>');
    const attaching = { ...ledgerAt(aws), clients: { ...ledgerAt(aws).clients, s3: async () => world.s3 } };
    const attach = ['attach', `s3://${BUCKET}`, '--skip-validation'];
    const calls = await callsOf([attach, ['detach', `s3://${BUCKET}`]], attaching);
    expect(calls).toEqual(allowedBy('attach'));
  });

  it('let reconcile compare and repair', async () => {
    await world.put('d.txt', 'd', 'unseen');
    await world.put('e.txt', 'e', 'seen');
    await world.remove('e.txt', 'unseen');
    const { deadLetterQueueUrl: QueueUrl } = ledger.resources;
    await world.services.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'poison' }));
    const repair = ['reconcile', `s3://${BUCKET}`, '--repair'];
    const calls = await callsOf([['reconcile', `s3://${BUCKET}`], repair]);
    // The notification came after all: what was found is superseded.
    await world.record('d.txt');
    const again = await callsOf([repair]);
    expect([...new Set([...calls, ...again])].sort()).toEqual(allowedBy('reconcile'));
  });
});
