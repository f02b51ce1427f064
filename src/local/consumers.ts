import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { ENVIRONMENT } from '../contract/environment.ts';
import { UploadLedgerError } from '../shared/errors.ts';
import { openLocalClients } from './clients.ts';
import { LOCAL_CREDENTIALS, type LocalEndpoints } from './identity.ts';
import type { EnvironmentHooks } from './lambda/execution-environment.ts';
import { functionArn } from './lambda/function-settings.ts';
import { type InvokableFunction, LocalFunction } from './lambda/local-function.ts';
import type { ServiceMetrics } from './metrics/service-metrics.ts';
import { EventSource, type EventSourceOptions } from './poller/event-source.ts';
import type { BatchReport } from './poller/invocation.ts';
import { StreamSource } from './poller/stream-source.ts';
import type { ServiceServer } from './servers/service-server.ts';
import type { TableServer } from './servers/table-server.ts';
import type { FunctionResource, LocalResources, QueueResource } from './template/resources.ts';

export interface ConsumersOptions
  extends Partial<EnvironmentHooks>,
    Pick<EventSourceOptions, 'retryAfterSeconds' | 'onBatch' | 'onError'> {
  readonly resources: LocalResources;
  readonly servers: {
    readonly services: Pick<ServiceServer, 'sendMessages'>;
    readonly table: Pick<TableServer, 'openStream'>;
  };
  readonly endpoints: LocalEndpoints;
  readonly serviceMetrics: Pick<ServiceMetrics, 'meter' | 'meterStream' | 'countDeleted'>;
}

/** The template's functions, fed by its event source mappings. */
export interface Consumers {
  readonly functions: readonly LocalFunction[];
  readonly eventSources: readonly EventSource[];
  readonly streamSources: readonly StreamSource[];
  /** Stops receiving, lets running batches finish, and closes the functions. */
  close(): Promise<void>;
}

/** @throws UploadLedgerError `visibility-too-short` where Lambda would refuse the mapping; then nothing has started. */
export async function startConsumers(options: ConsumersOptions): Promise<Consumers> {
  const { resources, endpoints, serviceMetrics } = options;
  const consumers = resources.functions.map((settings) => ({
    settings,
    fn: startFunction(settings, options),
    // Lambda reads a function's queue with the function's own role.
    role: openLocalClients(endpoints, resources.region, settings.name),
  }));
  const connected = resources.eventSourceMappings
    .filter(({ enabled }) => enabled)
    .map((mapping) => {
      const queue = resources.queues.find(({ arn }) => arn === mapping.queueArn);
      const consumer = consumers.find(({ settings }) => settings.name === mapping.functionName);
      // The template reader has checked them.
      if (!queue || !consumer) throw new TypeError(`${mapping.logicalId} is not connected.`);
      return { mapping, queue, ...consumer };
    });
  const closeFunctions = async () => {
    await Promise.all(consumers.map(({ fn }) => fn.close()));
    for (const { role } of consumers) role.destroy();
  };
  try {
    await Promise.all(
      connected.map((one) => assertVisibility(one.mapping.logicalId, one.queue, one.settings, one.role.sqs)),
    );
  } catch (error) {
    await closeFunctions();
    throw error;
  }
  const { region } = resources;
  const eventSources = connected.map(({ mapping, queue, settings, fn, role }) => {
    const onBatch = (report: BatchReport) => {
      serviceMetrics.countDeleted(queue, report.size - report.failures);
      options.onBatch?.(report);
    };
    const metered = serviceMetrics.meter(settings.name, fn);
    return new EventSource({ ...options, sqs: role.sqs, queue, region, mapping, fn: metered, onBatch });
  });
  const streamSources = openStreamSources(options, consumers);
  return {
    functions: consumers.map(({ fn }) => fn),
    eventSources,
    streamSources,
    close: async () => {
      await Promise.all([...eventSources, ...streamSources].map((source) => source.close()));
      await closeFunctions();
    },
  };
}

function openStreamSources(
  { resources, servers, serviceMetrics, onBatch, onError }: ConsumersOptions,
  consumers: readonly { readonly settings: FunctionResource; readonly fn: InvokableFunction }[],
): StreamSource[] {
  const { region, tables, queues, streamMappings } = resources;
  return streamMappings
    .filter(({ enabled }) => enabled)
    .map((mapping) => {
      const table = tables.find(({ stream }) => stream?.arn === mapping.streamArn);
      const consumer = consumers.find(({ settings }) => settings.name === mapping.functionName);
      // The template reader has checked them.
      if (!table?.stream || !consumer) throw new TypeError(`${mapping.logicalId} is not connected.`);
      const { name } = consumer.settings;
      const queue = queues.find(({ arn }) => arn === mapping.onFailureQueueArn);
      const source = new StreamSource({
        mapping,
        fn: serviceMetrics.meterStream(name, consumer.fn),
        functionArn: functionArn({ region, name }),
        sendFailure: queue && ((body) => servers.services.sendMessages(queue.url, [{ body }])),
        onBatch,
        onError,
      });
      const { arn: streamArn, view } = table.stream;
      servers.table.openStream({ ...table, streamArn, view }).onRecord((record) => source.take(record));
      return source;
    });
}

function startFunction(settings: FunctionResource, { resources, endpoints, ...hooks }: ConsumersOptions) {
  const { services, dynamodb, ses, events } = endpoints;
  return new LocalFunction(
    {
      ...settings,
      // Ticks that are sent by hand (`digest tick`) are about everything until then.
      environment: { ...settings.environment, [ENVIRONMENT.ticksSetEnd]: 'true' },
      region: resources.region,
      credentials: { ...LOCAL_CREDENTIALS, accessKeyId: settings.name },
      endpoints: {
        AWS_ENDPOINT_URL: services,
        AWS_ENDPOINT_URL_DYNAMODB: dynamodb,
        AWS_ENDPOINT_URL_SES: ses,
        AWS_ENDPOINT_URL_EVENTBRIDGE: events,
      },
    },
    hooks,
  );
}

/**
 * Checks what Lambda checks of a queue when a mapping is made: that it hides a message as long as the function may
 * take.
 *
 * @param mapping Its logical id.
 * @param sqs A client with the function's own role, as Lambda uses it for this.
 * @throws UploadLedgerError `visibility-too-short`
 */
async function assertVisibility(
  mapping: string,
  queue: Pick<QueueResource, 'name' | 'url'>,
  { timeoutSeconds }: Pick<FunctionResource, 'timeoutSeconds'>,
  sqs: SQSClient,
): Promise<void> {
  const command = new GetQueueAttributesCommand({ QueueUrl: queue.url, AttributeNames: ['VisibilityTimeout'] });
  const { Attributes } = await sqs.send(command);
  const visibilityTimeout = Number(Attributes?.VisibilityTimeout);
  if (visibilityTimeout >= timeoutSeconds) return;
  throw new UploadLedgerError(
    'visibility-too-short',
    `${mapping}: expected the queue ${queue.name} to hide messages for at least the function's ${timeoutSeconds} s; ` +
      `it does for ${visibilityTimeout} s. Lambda refuses such a mapping: raise the queue's visibility timeout.`,
  );
}
