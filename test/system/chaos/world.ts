import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

import { type LocalClients, openLocalClients } from '../../../src/local/clients.ts';
import type { LocalEndpoints } from '../../../src/local/identity.ts';
import type { FunctionCounters } from '../../../src/local/lambda/local-function.ts';
import { MetricSink } from '../../../src/local/metrics/metric-sink.ts';
import type { ObjectChange } from '../../../src/local/s3/notification.ts';
import type { NotificationFaults } from '../../../src/local/s3/notification-faults.ts';
import { type LocalStack, startLocalStack } from '../../../src/local/stack.ts';
import { provisionTable } from '../../../src/local/template/provision.ts';
import { RestartingConsumers } from './consumers.ts';
import { Deliveries } from './deliveries.ts';
import type { Faults } from './faults/faults.ts';
import { startFunctionServices } from './faults/function-services.ts';
import { functionSettings, writeEmailSettings } from './faults/function-settings.ts';
import { RestartingQueue } from './faults/restarting-queue.ts';
import { RestartingTable } from './faults/restarting-table.ts';
import { Histories } from './histories.ts';

export interface WorldOptions {
  readonly assemblyDirectory: string;
  /** Name of the digest that is sent. */
  readonly digest: string;
  readonly seed: number;
  readonly notificationFaults: NotificationFaults;
  readonly faults: Faults;
}

/** The local stack, with everything that can go wrong between the function and its services. */
export interface World {
  readonly stack: LocalStack;
  readonly histories: Histories;
  readonly deliveries: Deliveries;
  readonly metrics: MetricSink;
  /** What S3 says that it did, in the order of its sequencers. */
  readonly changes: readonly ObjectChange[];
  /** Every line that the function wrote, and that Lambda would have written about it. */
  readonly log: readonly string[];
  /** How many execution environments there were, and how they ended. */
  ends(): FunctionCounters;
  /** Clients without faults; the table is the one that the function writes to. */
  readonly clients: LocalClients;
  /** Resolves when nothing is on its way any more. */
  drained(): Promise<void>;
  close(): Promise<void>;
}

export async function openWorld({
  assemblyDirectory,
  digest,
  seed,
  notificationFaults,
  faults,
}: WorldOptions): Promise<World> {
  const histories = new Histories();
  const deliveries = new Deliveries(histories);
  const metrics = new MetricSink();
  const changes: ObjectChange[] = [];
  const log: string[] = [];
  const stack = await startLocalStack({ assemblyDirectory, notificationFaults });
  // Its consumers have nothing to do yet but to read S3's test events.
  await stack.consumers.close();
  const table = await RestartingTable.start();
  const unhear = stack.servers.services.onObjectChange((change) => {
    changes.push(change);
    const { bucket, key, kind, sequencer } = change;
    histories.note(`${bucket}/${key}`, `S3: ${kind}, sequencer ${sequencer}`);
  });
  const queue = new RestartingQueue(stack);
  const services = await startFunctionServices({ stack, table, queue, faults, histories });
  const polling = openLocalClients({ ...stack.servers.endpoints, services: services.polled }, stack.resources.region);
  const [fn] = stack.resources.functions;
  if (fn === undefined) throw new TypeError('Expected the template to have a function.');
  const directory = mkdtempSync(path.join(tmpdir(), 'upload-ledger-chaos-'));
  let clients = await openTable(stack, table);
  const restarts = new Set<Promise<unknown>>();
  const consumers = new RestartingConsumers({
    stack,
    sqs: polling.sqs,
    settings: functionSettings(fn, {
      region: stack.resources.region,
      endpoints: services.endpoints,
      queueUrl: stack.queueUrl,
      emailSettings: writeEmailSettings(directory, digest),
    }),
    faults,
    deliveries,
    seed,
    onLog: ({ line }) => {
      log.push(line);
      metrics.take(line);
    },
    onBatch: () => {
      const restart = restartOf(faults);
      if (restart === undefined) return;
      const done = restart().finally(() => restarts.delete(done));
      restarts.add(done);
    },
  });
  const restartQueue = () => queue.restart(services.cutQueue);
  function restartOf(all: Faults): (() => Promise<unknown>) | undefined {
    const kind = all.next('batch')?.kind;
    if (kind === 'table-restarted') return () => table.restart();
    if (kind === 'queue-restarted') return restartQueue;
    if (kind === 'event-source-restarted') return () => consumers.restart();
    if (kind === 'stack-restarted') return () => Promise.all([table.restart(), restartQueue(), consumers.restart()]);
    return undefined;
  }
  return {
    stack,
    histories,
    deliveries,
    metrics,
    changes,
    log,
    ends: () => consumers.counters(),
    get clients() {
      return clients;
    },
    drained: async () => {
      for (;;) {
        await stack.drained();
        const under = [...restarts];
        await Promise.all([...under, consumers.idle()]);
        if (under.length === 0) break;
        await sleep(50);
      }
      clients.destroy();
      clients = reach(stack, table);
    },
    close: async () => {
      unhear();
      await Promise.all(restarts);
      await consumers.close();
      clients.destroy();
      polling.destroy();
      await services.close();
      await table.close();
      rmSync(directory, { recursive: true });
      await stack.close();
    },
  };
}

function reach({ servers, resources }: LocalStack, { endpoint }: RestartingTable): LocalClients {
  const endpoints: LocalEndpoints = { ...servers.endpoints, dynamodb: endpoint };
  return openLocalClients(endpoints, resources.region);
}

async function openTable(stack: LocalStack, table: RestartingTable): Promise<LocalClients> {
  const clients = reach(stack, table);
  const client: DynamoDBClient = clients.dynamodb;
  for (const resource of stack.resources.tables) await provisionTable(resource, client);
  return clients;
}
