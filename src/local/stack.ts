import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { EmailSettings } from '../contract/email-settings.ts';
import { ENVIRONMENT } from '../contract/environment.ts';
import { OUTPUTS } from '../contract/outputs.ts';
import { systemClock } from '../shared/clock.ts';
import { type LocalClients, openLocalClients } from './clients.ts';
import { type Consumers, type ConsumersOptions, startConsumers } from './consumers.ts';
import { LOCAL_ACCOUNT_ID, LOCAL_REGION, type LocalEndpoints } from './identity.ts';
import { MetricSink } from './metrics/metric-sink.ts';
import type { NotificationFaults } from './s3/notification-faults.ts';
import { type ObjectNotifier, startObjectNotifier } from './s3/object-notifier.ts';
import { Scheduler } from './scheduler.ts';
import { type MailServer, startMailServer } from './servers/mail-server.ts';
import type { OnCall } from './servers/service-call.ts';
import { type ServiceServer, startServiceServer } from './servers/service-server.ts';
import { startTableServer, type TableServer } from './servers/table-server.ts';
import { notificationConfiguration, toNotifications } from './template/connections.ts';
import { provision } from './template/provision.ts';
import type { LocalResources } from './template/resources.ts';
import { readLocalResources } from './template/template.ts';

/** Between two counts of the queues' messages. */
const POLL_MS = 100;

/** Fixed ports of the emulators. @default free ones */
interface LocalPorts {
  /** S3 and SQS. */
  readonly services?: number;
  readonly dynamodb?: number;
  readonly mail?: number;
}

/** The emulators, each on 127.0.0.1. */
interface LocalServers {
  readonly services: ServiceServer;
  readonly table: TableServer;
  readonly mail: MailServer;
  readonly endpoints: LocalEndpoints;
  close(): Promise<void>;
}

export interface LocalStackOptions
  extends Pick<ConsumersOptions, 'retryAfterSeconds' | 'onBatch' | 'onError' | 'onLog' | 'onMoment'> {
  /** Where `cdk synth` wrote. */
  readonly assemblyDirectory: string;
  readonly ports?: LocalPorts;
  /** How notifications arrive. @default once each, at once and in order */
  readonly notificationFaults?: NotificationFaults;
  /** Called for each call that the servers receive, with its caller: the function signs as itself. */
  readonly onCall?: OnCall;
}

/** The whole stack of a synthesized template, running on this machine. Found by its outputs, as a deployed stack is. */
export interface LocalStack extends ReturnType<typeof readOutputs> {
  readonly resources: LocalResources;
  /** Undefined: the stack sends no email. */
  readonly email: EmailSettings | undefined;
  readonly servers: LocalServers;
  readonly clients: LocalClients;
  readonly consumers: Consumers;
  readonly notifier: ObjectNotifier;
  /** Sends the ticks of the digests when they are due, or now. */
  readonly scheduler: Scheduler;
  /** The metrics that the functions have written so far. */
  readonly metrics: MetricSink;
  /**
   * Resolves when no notification is to be sent, no batch runs, and no queue but the dead-letter queue holds a message.
   */
  drained(): Promise<void>;
  /** Stops everything: batches that have been received are finished, messages still in a queue are lost. */
  close(): Promise<void>;
}

/**
 * Runs the stack that `cdk synth` wrote: everything that it provisions and how it behaves comes from the template, and
 * the function is the bundle that would be deployed.
 *
 * @throws TemplateError when the template holds something that cannot be run as deployed.
 */
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const servers = await startServers(options.ports ?? {}, options.onCall);
  const clients = openLocalClients(servers.endpoints, LOCAL_REGION);
  try {
    return await runStack(options, servers, clients);
  } catch (error) {
    clients.destroy();
    await servers.close();
    throw error;
  }
}

/**
 * Starts all emulators, or none: when one cannot start, the others are closed again.
 *
 * @throws what the first of them failed with, such as `EADDRINUSE` for a fixed port.
 */
async function startServers({ services, dynamodb, mail }: LocalPorts, onCall?: OnCall): Promise<LocalServers> {
  const shared = { ...(onCall && { onCall }) };
  const starting = [
    startServiceServer({ ...shared, ...(services !== undefined && { port: services }) }),
    startTableServer({ ...shared, ...(dynamodb !== undefined && { port: dynamodb }) }),
    startMailServer({ ...shared, ...(mail !== undefined && { port: mail }) }),
  ] as const;
  const settled = await Promise.allSettled(starting);
  const failure = settled.find((result) => result.status === 'rejected');
  if (failure !== undefined) {
    await Promise.all(settled.map((result) => (result.status === 'fulfilled' ? result.value.close() : undefined)));
    throw failure.reason;
  }
  const [serviceServer, table, mailServer] = await Promise.all(starting);
  return {
    services: serviceServer,
    table,
    mail: mailServer,
    endpoints: { services: serviceServer.endpoint, dynamodb: table.endpoint, ses: mailServer.endpoint },
    close: async () => {
      await Promise.all([serviceServer.close(), table.close(), mailServer.close()]);
    },
  };
}

async function runStack(options: LocalStackOptions, servers: LocalServers, clients: LocalClients): Promise<LocalStack> {
  const { endpoints, services } = servers;
  const resources = readLocalResources({
    assemblyDirectory: options.assemblyDirectory,
    region: LOCAL_REGION,
    accountId: LOCAL_ACCOUNT_ID,
    endpoint: endpoints.services,
  });
  await provision(resources, clients);
  for (const bucket of resources.buckets) {
    services.setCors(bucket.name, bucket.corsRules);
    services.notifications.set(bucket.name, notificationConfiguration(bucket));
  }
  const metrics = new MetricSink();
  const onLog: ConsumersOptions['onLog'] = (line) => {
    metrics.take(line.line);
    options.onLog?.(line);
  };
  const notifier = await startObjectNotifier({
    source: services,
    notifications: () => toNotifications(resources, services.notifications),
    send: (queueUrl, messages) => services.sendMessages(queueUrl, messages),
    region: resources.region,
    ...(options.notificationFaults && { faults: options.notificationFaults }),
  });
  const consumers = await startConsumers({ ...options, onLog, resources, endpoints });
  const scheduler = new Scheduler({
    schedules: resources.schedules,
    // The template reader has checked that the queue is declared.
    send: (arn, body) =>
      services.sendMessages(resources.queues.find((queue) => queue.arn === arn)?.url ?? '', [{ body }]),
    ...(options.onError && { onError: options.onError }),
  });
  const close = async () => {
    scheduler.close();
    await notifier.stop();
    await consumers.close();
    clients.destroy();
    await servers.close();
  };
  return {
    ...readOutputs(resources.outputs),
    resources,
    email: emailSettingsOf(resources),
    servers,
    clients,
    consumers,
    notifier,
    scheduler,
    metrics,
    drained: () => whenDrained(resources, services, notifier),
    close,
  };
}

/** As the function itself reads them. */
function emailSettingsOf({ functions }: LocalResources): EmailSettings | undefined {
  const [file] = functions.flatMap(({ environment, codeDirectory }) => {
    const name = environment[ENVIRONMENT.emailSettings];
    return name === undefined ? [] : [path.join(codeDirectory, name)];
  });
  return file === undefined ? undefined : JSON.parse(readFileSync(file, 'utf8'));
}

function readOutputs(outputs: Readonly<Record<string, string>>) {
  const read = (name: keyof typeof OUTPUTS): string => {
    const value = outputs[OUTPUTS[name]];
    if (value === undefined) throw new TypeError(`Expected the template to have an output ${OUTPUTS[name]}.`);
    return value;
  };
  return {
    bucketName: read('bucketName'),
    tableName: read('tableName'),
    queueUrl: read('queueUrl'),
    deadLetterQueueUrl: read('deadLetterQueueUrl'),
    functionName: read('functionName'),
    indexShards: Number(read('indexShards')),
  };
}

/**
 * Resolves when every notification has been sent and no queue that a function reads holds a message, visible or not: a
 * batch that is over has deleted its messages or left them in the queue.
 */
async function whenDrained(
  resources: LocalResources,
  services: ServiceServer,
  notifier: ObjectNotifier,
): Promise<void> {
  const read = new Set(resources.eventSourceMappings.map(({ queueArn }) => queueArn));
  const urls = resources.queues.filter(({ arn }) => read.has(arn)).map(({ url }) => url);
  for (;;) {
    await notifier.flush();
    const waiting = await Promise.all(urls.map((url) => services.countMessages(url)));
    if (waiting.every((count) => count === 0)) return;
    await systemClock.sleep(POLL_MS);
  }
}
