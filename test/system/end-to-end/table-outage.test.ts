import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, it, type TestContext, vi } from 'vitest';
import { readDeadLetters, readRecords } from '../../../src/cli/demo/stack-contents.ts';
import { type Consumers, startConsumers } from '../../../src/local/consumers.ts';
import { type LocalStack, startLocalStack } from '../../../src/local/stack.ts';
import type { QueueResource } from '../../../src/local/template/resources.ts';
import { assemblyDirectory } from '../../setup/assembly-directory.ts';

/** As long as DynamoDB's outage of October 2025: 2 h 52 min. */
const OUTAGE_SECONDS = 172 * 60;
/**
 * Messages come back after one second instead of the queue's visibility timeout, and batches wait for more messages as
 * much shorter. All else is the template's: each message is received as often as in an outage of that length.
 */
const RETRY_AFTER_SECONDS = 1;
/** Of a full batch, in the first invocation of an environment: it does not know yet that the table is down. */
const MAX_CALLS_A_BATCH = 4;

const BEFORE = 20;
const UPLOADS = 250;
/** For each batch that fails. */
const UPLOADS_AT_ONCE = 5;

const PATIENCE = { timeout: 400_000, interval: 250 };

/** What the function says of one batch. */
interface BatchLine {
  readonly message?: string;
  readonly stored: number;
  readonly failed: number;
  readonly calls: number;
}

interface Run {
  readonly stack: LocalStack;
  readonly consumers: Consumers;
  readonly proxy: Proxy;
  /** Of the invocations, in order. */
  readonly lines: BatchLine[];
  readonly keys: string[];
}

/** The stack, with its function behind a proxy to the table. While messages fail, uploads go on. */
async function start({ onTestFinished }: TestContext): Promise<Run> {
  const stack = await startLocalStack({ assemblyDirectory: assemblyDirectory() });
  onTestFinished(() => stack.close());
  await stack.drained();
  await stack.consumers.close();
  const proxy = await startProxy(Number(new URL(stack.servers.table.endpoint).port));
  onTestFinished(proxy.close);
  const { resources, servers } = stack;
  const run = { stack, proxy, lines: [], keys: [] };
  const { visibilityTimeoutSeconds } = uploadsQueue(stack);
  const consumers = await startConsumers({
    resources: {
      ...resources,
      eventSourceMappings: resources.eventSourceMappings.map((mapping) => ({
        ...mapping,
        batchWindowSeconds: (mapping.batchWindowSeconds * RETRY_AFTER_SECONDS) / visibilityTimeoutSeconds,
      })),
    },
    servers,
    endpoints: { ...servers.endpoints, dynamodb: proxy.endpoint },
    serviceMetrics: stack.serviceMetrics,
    retryAfterSeconds: RETRY_AFTER_SECONDS,
    onLog: ({ line }) => noteBatch(line, run.lines),
    onBatch: ({ failures }) => {
      if (failures > 0) uploadMore(run, UPLOADS_AT_ONCE);
    },
  });
  onTestFinished(() => consumers.close());
  return { ...run, consumers };
}

function uploadsQueue({ resources, queueUrl }: LocalStack): QueueResource {
  const queue = resources.queues.find(({ url }) => url === queueUrl);
  if (queue === undefined) throw new TypeError('Expected the uploads queue.');
  return queue;
}

function noteBatch(line: string, lines: BatchLine[]): void {
  if (!line.includes('"Batch recorded"')) return;
  lines.push(JSON.parse(line) as BatchLine);
}

const sumOf = (lines: readonly BatchLine[], name: 'stored' | 'failed' | 'calls') =>
  lines.reduce((sum, line) => sum + line[name], 0);

type Uploading = Pick<Run, 'stack' | 'keys'>;

function uploadMore({ stack, keys }: Uploading, count: number): void {
  const added = Array.from({ length: Math.min(count, UPLOADS - keys.length) }, (_, at) => `${keys.length + at}.txt`);
  keys.push(...added);
  for (const Key of added) {
    const put = new PutObjectCommand({ Bucket: stack.bucketName, Key, Body: Key });
    // An upload that fails is missed among the records.
    stack.clients.s3.send(put).catch(() => undefined);
  }
}

/** How often the message was received that was received most. */
async function mostReceives({ servers }: LocalStack, queueName: string): Promise<number> {
  const { ready = [], inFlight = [] } = (await servers.services.inspectQueue(queueName)) ?? {};
  return Math.max(0, ...[...ready, ...inFlight].map(({ approximateReceiveCount }) => approximateReceiveCount));
}

describe('an outage of the table for 2 h 52 min, a second for each visibility timeout', () => {
  it.concurrent.for([
    ['that refuses connections', (run: Run) => run.proxy.refuse(), (run: Run) => run.proxy.accept()],
    [
      'whose permission is revoked',
      ({ stack }: Run) => stack.servers.table.setFaults(() => ({ error: ACCESS_DENIED })),
      ({ stack }: Run) => stack.servers.table.setFaults(),
    ],
  ] as const)(
    '%s leaves no dead letter, needs nobody, and every record is there',
    { timeout: 500_000 },
    async ([, begin, end], context) => {
      const run = await start(context);
      const { stack, consumers, lines, keys } = run;
      uploadMore(run, BEFORE);
      await vi.waitUntil(() => sumOf(lines, 'stored') === BEFORE, PATIENCE);

      const { name, visibilityTimeoutSeconds } = uploadsQueue(stack);
      const first = lines.length;
      begin(run);
      uploadMore(run, UPLOADS_AT_ONCE);
      const receives = Math.ceil(OUTAGE_SECONDS / visibilityTimeoutSeconds);
      const isOver = async () =>
        (await mostReceives(stack, name)) >= receives || (await readDeadLetters(stack)).length > 0;
      await vi.waitUntil(isOver, PATIENCE);
      const batches = lines.slice(first);
      const recordedMeanwhile = sumOf(batches, 'stored');
      end(run);
      await stack.drained();

      expect(recordedMeanwhile).toBe(0);
      expect((await readRecords(stack)).map(({ s3_key }) => s3_key).sort()).toEqual(keys.toSorted());
      expect(keys).toHaveLength(UPLOADS);
      expect(await readDeadLetters(stack)).toEqual([]);
      // A batch probes the table with one call.
      const calls = sumOf(batches, 'calls');
      const environments = consumers.functions.reduce((sum, { counters }) => sum + counters.coldStarts, 0);
      expect(calls).toBeLessThanOrEqual(batches.length + (MAX_CALLS_A_BATCH - 1) * environments);
    },
  );
});

const ACCESS_DENIED = { status: 400, type: 'AccessDeniedException' } as const;

interface Proxy {
  readonly endpoint: string;
  /** Cuts all connections, and resets each new one as it comes. */
  refuse(): void;
  accept(): void;
  close(): Promise<void>;
}

/** A proxy before what listens on the port. */
async function startProxy(port: number): Promise<Proxy> {
  const sockets = new Set<Socket>();
  let isRefusing = false;
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy();
    sockets.clear();
  };
  const server = createServer((client) => {
    if (isRefusing) {
      client.resetAndDestroy();
      return;
    }
    const target = connect(port, '127.0.0.1');
    for (const [socket, other] of [
      [client, target],
      [target, client],
    ] as const) {
      sockets.add(socket);
      socket.pipe(other);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    refuse: () => {
      isRefusing = true;
      cut();
    },
    accept: () => {
      isRefusing = false;
    },
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      cut();
      await closed;
    },
  };
}
