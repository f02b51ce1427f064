import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { EmailSettings } from '../contract/email-settings.ts';
import { ENVIRONMENT } from '../contract/environment.ts';
import { OUTPUTS } from '../contract/outputs.ts';
import { type Clock, systemClock } from '../shared/clock.ts';
import { type LocalClients, openLocalClients } from './clients.ts';
import { type Consumers, type ConsumersOptions, startConsumers } from './consumers.ts';
import { Deliveries, type DeliveriesOptions } from './events/deliveries.ts';
import { LOCAL_ACCOUNT_ID, LOCAL_REGION } from './identity.ts';
import { type LocalServers, type LocalServersOptions, openServers } from './local-servers.ts';
import { dashboardView, type ReadDashboard } from './metrics/dashboard-view.ts';
import { MetricSink } from './metrics/metric-sink.ts';
import { joinSources, ServiceMetrics } from './metrics/service-metrics.ts';
import { OpenResources, type OpenResourcesOptions } from './open-resources.ts';
import type { NotificationFaults } from './s3/notification-faults.ts';
import { type ObjectNotifier, startObjectNotifier } from './s3/object-notifier.ts';
import { Scheduler } from './scheduler.ts';
import type { ServiceServer } from './servers/service-server.ts';
import { notificationConfiguration, toNotifications } from './template/connections.ts';
import { provision } from './template/provision.ts';
import type { LocalResources } from './template/resources.ts';
import { readLocalResources } from './template/template.ts';

/** Between two counts of the queues' messages. */
const POLL_MS = 100;

export interface LocalStackOptions
  extends Pick<ConsumersOptions, 'retryAfterSeconds' | 'onBatch' | 'onError' | 'onLog' | 'onMoment'>,
    Pick<DeliveriesOptions, 'receivers' | 'onDelivery'>,
    LocalServersOptions,
    Pick<OpenResourcesOptions, 'onStep' | 'closeWithinMs'> {
  /** Where `cdk synth` wrote. */
  readonly assemblyDirectory: string;
  /** Values of the template's parameters. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** How notifications arrive. @default once each, at once and in order */
  readonly notificationFaults?: NotificationFaults;
  /** Of what EventBridge does. @default systemClock */
  readonly eventClock?: Clock;
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
  /** What SQS, Lambda and DynamoDB would report. */
  readonly serviceMetrics: ServiceMetrics;
  /** Undefined: the template has none. */
  readonly dashboard: ReadDashboard | undefined;
  /**
   * Resolves when no notification is to be sent, no batch runs, and no queue but the dead-letter queue holds a message.
   */
  drained(): Promise<void>;
  /**
   * Resolves when every record of the table so far is published, and every event delivered or a dead letter: not before
   * an endpoint answers, or a day is over.
   */
  eventsSettled(): Promise<void>;
  /**
   * Stops everything, whatever fails meanwhile: batches that have been received are finished, messages still in a queue
   * are lost.
   *
   * @throws the first error.
   */
  close(): Promise<void>;
}

/**
 * Runs the stack that `cdk synth` wrote: everything that it provisions and how it behaves comes from the template, and
 * the function is the bundle that would be deployed.
 *
 * @throws TemplateError when the template holds something that cannot be run as deployed.
 */
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const opened = new OpenResources(options);
  return opened.closeOnError(() => openStack(options, opened));
}

async function openStack(options: LocalStackOptions, opened: OpenResources): Promise<LocalStack> {
  const servers = await openServers(options, opened);
  const { endpoints, services } = servers;
  const clients = await opened.open(
    'the clients',
    () => openLocalClients(endpoints, LOCAL_REGION),
    (open) => open.destroy(),
  );
  const resources = await opened.open(
    'the template',
    () => provisionTemplate(options, servers, clients),
    () => undefined,
  );
  const metrics = new MetricSink();
  const onLog: ConsumersOptions['onLog'] = (line) => {
    metrics.take(line.line);
    options.onLog?.(line);
  };
  const { onError } = options;
  const notifier = await opened.open(
    'the notifications',
    () =>
      startObjectNotifier({
        source: services,
        notifications: () => toNotifications(resources, services.notifications),
        send: (queueUrl, messages) => services.sendMessages(queueUrl, messages),
        region: resources.region,
        ...(options.notificationFaults && { faults: options.notificationFaults }),
        ...(onError && { onLost: onError }),
      }),
    (open) => open.stop(),
  );
  const deliveries = await opened.open(
    'the events',
    () => openDeliveries(options, resources, servers),
    (open) => open.close(),
  );
  const serviceMetrics = await opened.open(
    'the metrics',
    () => new ServiceMetrics({ resources, services, table: servers.table, clock: systemClock, onError }),
    (open) => open.close(),
  );
  const consumers = await opened.open(
    'the function',
    () => startConsumers({ ...options, onLog, resources, servers, endpoints, serviceMetrics }),
    (open) => open.close(),
  );
  const scheduler = await opened.open(
    'the schedules',
    () =>
      new Scheduler({
        schedules: resources.schedules,
        // The template reader has checked that the queue is declared.
        send: (arn, body) =>
          services.sendMessages(resources.queues.find((queue) => queue.arn === arn)?.url ?? '', [{ body }]),
        ...(onError && { onError }),
      }),
    (open) => open.close(),
  );
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
    serviceMetrics,
    dashboard: createDashboard(resources, joinSources(metrics, serviceMetrics.sink)),
    drained: () => whenDrained(resources, services, notifier),
    eventsSettled: async () => {
      await Promise.all(consumers.streamSources.map((source) => source.drained()));
      await deliveries.settled();
    },
    close: () => opened.close(),
  };
}

/** Delivers what is put on the buses. */
function openDeliveries(
  { receivers, onDelivery, onError, eventClock }: LocalStackOptions,
  resources: LocalResources,
  { services, events }: LocalServers,
): Deliveries {
  const sendMessages: ServiceServer['sendMessages'] = (url, messages) => services.sendMessages(url, messages);
  const clock = eventClock ?? systemClock;
  const deliveries = new Deliveries({ resources, sendMessages, receivers, onDelivery, onError, clock });
  events.setRules(resources.eventRules);
  events.onEvent((bus, event) => deliveries.take(bus, event));
  return deliveries;
}

/** Makes what the template declares in the emulators. */
async function provisionTemplate(
  { assemblyDirectory, parameters = {} }: LocalStackOptions,
  { services }: LocalServers,
  clients: LocalClients,
): Promise<LocalResources> {
  const place = { region: LOCAL_REGION, accountId: LOCAL_ACCOUNT_ID, endpoint: services.endpoint };
  const resources = readLocalResources({ assemblyDirectory, parameters, ...place });
  await provision(resources, clients);
  for (const bucket of resources.buckets) {
    services.setCors(bucket.name, bucket.corsRules);
    services.notifications.set(bucket.name, notificationConfiguration(bucket));
  }
  return resources;
}

function createDashboard(
  { dashboards: [dashboard], alarms }: LocalResources,
  source: ReturnType<typeof joinSources>,
): ReadDashboard | undefined {
  const madeAt = systemClock.now();
  return (
    dashboard && ((rangeMs) => dashboardView(dashboard, { alarms, source, madeAt, now: systemClock.now(), rangeMs }))
  );
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
