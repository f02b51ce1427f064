import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { builtinModules } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FunctionBundleReport } from '../../../infra/bundle/bundle-report.ts';
import { BUNDLE_BUDGETS, checkBudget, renderBundleReport } from '../../../infra/bundle/bundle-report.ts';
import { bundleFunction } from '../../../infra/bundle/function-bundle.ts';
import { ENVIRONMENT } from '../../../src/contract/environment.ts';
import { digestPartition, TABLE } from '../../../src/contract/table.ts';
import { toLedgerRecord } from '../../../src/ledger/record.ts';
import { digestSettings, emailSettings } from '../../builders/email-settings.ts';
import { s3EventRecord, s3Message } from '../../builders/s3-event.ts';
import { sqsEvent, sqsMessage } from '../../builders/sqs-message.ts';
import { tickMessage } from '../../builders/tick-message.ts';
import { upload } from '../../builders/upload.ts';
import { type SqsServer, startSqs } from '../../dead-letters/sqs-server.ts';
import { type DynamoDBServer, startDynamoDB, TABLE_NAME } from '../../ledger/dynamodb-server.ts';
import { streamEvent, streamRecord } from '../../publisher/stream-event.ts';
import { invokeBundle } from './bundle-process.ts';

const root = mkdtempSync(path.join(tmpdir(), 'upload-ledger-bundle-'));
const directory = path.join(root, 'one');
const entry = path.join(directory, 'consumer.mjs');
let report: FunctionBundleReport;
let dynamodb: DynamoDBServer;
let sqs: SqsServer;

beforeAll(async () => {
  report = bundleFunction('consumer', directory);
  dynamodb = await startDynamoDB();
});
afterAll(async () => {
  await dynamodb.close();
  rmSync(root, { recursive: true, force: true });
});

/** Every file below `folder` with its text. */
function filesIn(folder: string): Map<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const files = names.filter((name) => statSync(path.join(folder, name)).isFile());
  return new Map(files.map((name) => [name, readFileSync(path.join(folder, name), 'utf8')]));
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

describe('the consumer bundle', () => {
  it('reads no more at start, and holds no more, than its budget allows', () => {
    expect(checkBudget(report, BUNDLE_BUDGETS.consumer)).toEqual([]);
    expect(report.startupBytes).toBeLessThanOrEqual(BUNDLE_BUDGETS.consumer.startupBytes);
  });

  it('is reported with its exact size', () => {
    const sizes = [...filesIn(directory).values()].map((text) => Buffer.byteLength(text));
    expect(report.totalBytes).toBe(sum(sizes));
    expect(report.startupBytes).toBe(sum(report.startupBytesByPackage.map(({ bytes }) => bytes)));
    expect(report.totalBytes - report.startupBytes).toBe(sum(report.lazyFiles.map(({ bytes }) => bytes)));
  });

  it('is printed package by package', () => {
    const printed = renderBundleReport(report);
    for (const name of ['@smithy/core', 'upload-ledger', 'mime', '@aws-sdk/client-sqs'])
      expect(printed).toContain(name);
  });

  it('is the same, byte for byte, when it is built again elsewhere', () => {
    const again = path.join(root, 'two');
    bundleFunction('consumer', again);
    expect(filesIn(again)).toEqual(filesIn(directory));
  });

  it('imports nothing but Node itself and its own files', () => {
    const imported = [...filesIn(directory).values()].flatMap((text) =>
      // In brackets stands the advice of an error that the S3 client never raises here.
      [...text.matchAll(/(?<![:\w[])(?:from|import)\s*\(?"([^"]+)"/g)].map(([, name = '']) => name),
    );
    const foreign = imported.filter(
      (name) => !name.startsWith('.') && !builtinModules.includes(name.replace('node:', '')),
    );
    expect(imported.length).toBeGreaterThan(0);
    expect(foreign).toEqual([]);
    expect(imported).not.toContain('node:http');
  });

  it('loads the SQS client only when it is needed', () => {
    expect(report.startupBytesByPackage.map(({ packageName }) => packageName)).not.toContain('@aws-sdk/client-sqs');
    expect(report.lazyFiles.map(({ holds }) => holds)).toContain('@aws-sdk/client-sqs');
  });

  it('loads SES, the emails and the events of them only where they are configured', () => {
    const atStart = report.startupBytesByPackage.map(({ packageName }) => packageName);
    expect(atStart).not.toContain('@aws-sdk/client-ses');
    expect(atStart).not.toContain('@aws-sdk/xml-builder');
    const lazy = report.lazyFiles.map(({ file }) => file.replace(/(?:-[A-Z0-9]{8})?\.mjs$/, ''));
    for (const part of ['finish-with-email', 'announce', 'mailer', 'ses-client', 'digest-email', 'alert-email']) {
      expect(lazy).toContain(part);
    }
  });

  it('has no credential provider but the one that reads the environment', () => {
    const holders = report.startupBytesByPackage.map(({ packageName }) => packageName);
    const providers = [...holders, ...report.lazyFiles.map(({ holds }) => holds)].filter((name) =>
      name.includes('credential'),
    );
    expect(providers).toEqual(['@aws-sdk/credential-provider-env']);
  });

  it('says which sources do not bundle', () => {
    expect(() => bundleFunction('consumer', '/dev/null/nowhere')).toThrow('The consumer does not bundle');
  });
});

describe('the consumer bundle, which is the same whether or not events are published,', () => {
  it('has no client of EventBridge', () => {
    const packages = [
      ...report.startupBytesByPackage.map(({ packageName }) => packageName),
      ...report.lazyFiles.map(({ holds }) => holds),
    ];
    expect(packages.filter((name) => /eventbridge|multi-region/.test(name))).toEqual([]);
  });
});

describe('the publisher bundle', () => {
  const publisher = path.join(root, 'publisher');
  let publisherReport: FunctionBundleReport;
  let bus: Server;
  const puts: { readonly Entries: readonly Readonly<Record<string, string>>[] }[] = [];

  beforeAll(async () => {
    publisherReport = bundleFunction('publisher', publisher);
    bus = createServer(async (request, response) => {
      const put = JSON.parse(await text(request));
      puts.push(put);
      const Entries = put.Entries.map(() => ({ EventId: 'id' }));
      response.setHeader('content-type', 'application/x-amz-json-1.1');
      response.end(JSON.stringify({ FailedEntryCount: 0, Entries }));
    });
    await new Promise<void>((resolve) => bus.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => bus.close());

  it('keeps its budget, and holds none of what reads messages or sends emails', () => {
    expect(checkBudget(publisherReport, BUNDLE_BUDGETS.publisher)).toEqual([]);
    const names = publisherReport.startupBytesByPackage.map(({ packageName }) => packageName);
    expect(names).toContain('@aws-sdk/client-eventbridge');
    expect(names.filter((name) => /mime|client-(dynamodb|sqs|ses|s3)|batch/.test(name))).toEqual([]);
  });

  it('puts events of new records on the bus of its environment', async () => {
    const { port } = bus.address() as AddressInfo;
    const environment = {
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'key',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
      [ENVIRONMENT.eventBus]: 'their-bus',
      [ENVIRONMENT.tableArn]: 'arn:aws:dynamodb:eu-west-1:111122223333:table/uploads',
      [ENVIRONMENT.bodyFormats]: 'json,slack,teams',
      [ENVIRONMENT.serviceName]: 'UploadLedger/Uploads',
    };
    const record = toLedgerRecord(upload({ key: 'a.txt' }), { indexShards: 8, source: 'notification' });
    const invoked = await invokeBundle(
      path.join(publisher, 'publisher.mjs'),
      environment,
      streamEvent(streamRecord(record, 1)),
    );
    expect(invoked.response).toEqual({ batchItemFailures: [] });
    expect(invoked.loadedUndici).toBe(false);
    expect(puts).toHaveLength(1);
    expect(puts[0]?.Entries).toMatchObject([
      {
        EventBusName: 'their-bus',
        Source: 'upload-ledger',
        DetailType: 'UploadRecorded',
        Resources: ['arn:aws:dynamodb:eu-west-1:111122223333:table/uploads'],
      },
    ]);
    expect(invoked.lines).toContainEqual(
      expect.objectContaining({ message: 'Events published', events: 1, service: 'UploadLedger/Uploads' }),
    );
  });
});

describe('the bundled consumer', () => {
  // A queue of its own for each test, whatever its name.
  beforeEach(async () => {
    sqs = await startSqs();
  });
  afterEach(() => sqs.close());

  const basics = {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'key',
    AWS_SECRET_ACCESS_KEY: 'secret',
    LEDGER_TABLE_NAME: TABLE_NAME,
    INDEX_SHARDS: '4',
    POWERTOOLS_SERVICE_NAME: 'UploadLedger/Uploads',
    // A host that does not resolve: only the endpoint variables lead to the emulators.
    DEAD_LETTER_QUEUE_URL: 'https://sqs.eu-west-1.example.invalid/000000000000/dlq',
  };
  const poison = sqsMessage({ body: 'noise' });
  const upload = (key: string) => sqsMessage({ body: s3Message(s3EventRecord({ key })) });

  async function storedKeys() {
    return (await dynamodb.storedKeys()).map((key) => key.split(' ')[0]);
  }

  it('records uploads and quarantines unreadable messages, with an endpoint for each service', async () => {
    const queueUrl = await sqs.createQueue('dlq');
    const environment = { ...basics, AWS_ENDPOINT_URL_DYNAMODB: dynamodb.endpoint, AWS_ENDPOINT_URL_SQS: sqs.endpoint };
    const event = sqsEvent(upload('each.docx'), poison);
    const { response, lines, loadedUndici } = await invokeBundle(entry, environment, event);
    expect(response).toEqual({ batchItemFailures: [] });
    expect(await storedKeys()).toContain('acme-uploads/each.docx');
    expect(await sqs.receive(queueUrl)).toMatchObject([
      { Body: 'noise', MessageAttributes: { reason: { StringValue: 'not-json' } } },
    ]);
    expect(lines).toContainEqual(expect.objectContaining({ category: 'document', UploadsRecorded: 1 }));
    expect(loadedUndici).toBe(false);
  });

  it('uses AWS_ENDPOINT_URL where a service has no endpoint of its own', async () => {
    const queueUrl = await sqs.createQueue('dlq');
    const general = { ...basics, AWS_ENDPOINT_URL: dynamodb.endpoint };
    const stored = await invokeBundle(entry, general, sqsEvent(upload('general.txt')));
    expect(stored.response).toEqual({ batchItemFailures: [] });
    expect(await storedKeys()).toContain('acme-uploads/general.txt');

    const mixed = { ...basics, AWS_ENDPOINT_URL: sqs.endpoint, AWS_ENDPOINT_URL_DYNAMODB: dynamodb.endpoint };
    const both = await invokeBundle(entry, mixed, sqsEvent(upload('mixed.txt'), poison));
    expect(both.response).toEqual({ batchItemFailures: [] });
    expect(await storedKeys()).toContain('acme-uploads/mixed.txt');
    expect(await sqs.receive(queueUrl)).toHaveLength(1);
  });

  it('knows DynamoDB errors by their names', async () => {
    await sqs.createQueue('dlq');
    const environment = { ...basics, AWS_ENDPOINT_URL_DYNAMODB: dynamodb.endpoint, AWS_ENDPOINT_URL_SQS: sqs.endpoint };
    dynamodb.fault = () => ({ error: { status: 400, type: 'ValidationException' } });
    const refused = await invokeBundle(entry, environment, sqsEvent(upload('refused.txt')));
    dynamodb.fault = () => ({ error: { status: 400, type: 'ResourceNotFoundException' } });
    const message = upload('missing.txt');
    const missing = await invokeBundle(entry, environment, sqsEvent(message));
    dynamodb.fault = () => undefined;
    expect(refused.response).toEqual({ batchItemFailures: [] });
    expect(refused.lines).toContainEqual(expect.objectContaining({ reason: 'refused-by-dynamodb' }));
    expect(missing.response).toEqual({ batchItemFailures: [{ itemIdentifier: message.messageId }] });
    expect(JSON.stringify(missing.lines)).toContain('ResourceNotFoundException');
  });

  it('knows DynamoDB errors by their classes: another tick holds the lease of a digest', async () => {
    await sqs.createQueue('dlq');
    const file = path.join(path.dirname(entry), 'settings-of-this-test.json');
    writeFileSync(file, JSON.stringify(emailSettings({ digests: [digestSettings('daily')] })));
    const endpoints = { AWS_ENDPOINT_URL: dynamodb.endpoint, [ENVIRONMENT.queueUrl]: `${dynamodb.endpoint}/uploads` };
    const environment = {
      ...basics,
      ...endpoints,
      [ENVIRONMENT.emailSettings]: file,
      [ENVIRONMENT.ticksSetEnd]: 'true',
    };
    await invokeBundle(entry, environment, sqsEvent(upload('told.txt')));
    const lease = {
      [TABLE.partitionKey]: { S: digestPartition('daily') },
      [TABLE.sortKey]: { S: 'watermark' },
      covered_until: { S: new Date(Date.now() - 60_000).toISOString() },
      lease_owner: { S: 'another' },
      lease_until: { N: String(Date.now() + 60_000) },
    };
    await dynamodb.client.send(new PutItemCommand({ TableName: TABLE_NAME, Item: lease }));
    const now = new Date().toISOString();
    const tick = tickMessage({ scheduledTime: now, until: now });
    const { response, lines } = await invokeBundle(entry, environment, sqsEvent(tick));
    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: tick.messageId }] });
    expect(JSON.stringify(lines)).toContain('The digest daily is being sent by another tick');
  });

  it('does not start without its configuration, and says what is missing', async () => {
    const { LEDGER_TABLE_NAME: _, INDEX_SHARDS: __, ...incomplete } = basics;
    await expect(invokeBundle(entry, incomplete, sqsEvent())).rejects.toThrow(/LEDGER_TABLE_NAME.*INDEX_SHARDS/s);
  });
});
