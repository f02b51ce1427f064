import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { UploadLedgerError } from '../shared/errors.ts';
import { type LocalClients, openLocalClients } from './clients.ts';
import { LOCAL_CREDENTIALS, type LocalEndpoints } from './identity.ts';
import type { EnvironmentHooks } from './lambda/execution-environment.ts';
import { LocalFunction } from './lambda/local-function.ts';
import { type BatchReport, EventSource } from './poller/event-source.ts';
import type { FunctionResource, LocalResources, MappingResource, QueueResource } from './template/resources.ts';

export interface ConsumersOptions extends Partial<EnvironmentHooks> {
  readonly resources: LocalResources;
  readonly endpoints: LocalEndpoints;
  /** See `EventSourceOptions`. */
  readonly retryAfterSeconds?: number;
  readonly onBatch?: (report: BatchReport) => void;
  readonly onError?: (error: Error) => void;
}

/** The template's functions, fed by its event source mappings. */
export interface Consumers {
  readonly functions: readonly LocalFunction[];
  readonly eventSources: readonly EventSource[];
  /** Ends the reading, lets running batches finish, and stops the functions. */
  close(): Promise<void>;
}

/** @throws UploadLedgerError `visibility-too-short` where Lambda would refuse the mapping. */
export async function startConsumers(options: ConsumersOptions): Promise<Consumers> {
  const { resources, endpoints } = options;
  const functions = new Map(resources.functions.map((fn) => [fn.name, startFunction(fn, options)]));
  // Lambda reads a function's queue with the function's own role.
  const roles = new Map(
    resources.functions.map(({ name }) => [name, openLocalClients(endpoints, resources.region, name)]),
  );
  const mappings = resources.eventSourceMappings.filter(({ enabled }) => enabled);
  const eventSources = await Promise.all(
    mappings.map(async (mapping) => {
      const { queue, settings, fn, role } = connectionOf(mapping, resources, functions, roles);
      await assertVisibility(mapping.logicalId, queue, settings, role.sqs);
      return new EventSource({
        sqs: role.sqs,
        queueUrl: queue.url,
        queue,
        region: resources.region,
        mapping,
        fn,
        ...(options.retryAfterSeconds !== undefined && { retryAfterSeconds: options.retryAfterSeconds }),
        ...(options.onBatch && { onBatch: options.onBatch }),
        ...(options.onError && { onError: options.onError }),
      });
    }),
  );
  return {
    functions: [...functions.values()],
    eventSources,
    close: async () => {
      await Promise.all(eventSources.map((source) => source.close()));
      await Promise.all([...functions.values()].map((fn) => fn.close()));
      for (const role of roles.values()) role.destroy();
    },
  };
}

function connectionOf(
  { logicalId, queueArn, functionName }: MappingResource,
  resources: LocalResources,
  functions: ReadonlyMap<string, LocalFunction>,
  roles: ReadonlyMap<string, LocalClients>,
) {
  const queue = resources.queues.find(({ arn }) => arn === queueArn);
  const settings = resources.functions.find(({ name }) => name === functionName);
  const [fn, role] = [functions.get(functionName), roles.get(functionName)];
  // The template reader has checked them.
  if (!queue || !settings || !fn || !role) throw new TypeError(`${logicalId} is not connected.`);
  return { queue, settings, fn, role };
}

function startFunction(fn: FunctionResource, options: ConsumersOptions): LocalFunction {
  const { services, dynamodb, ses } = options.endpoints;
  const endpoints = { AWS_ENDPOINT_URL: services, AWS_ENDPOINT_URL_DYNAMODB: dynamodb, AWS_ENDPOINT_URL_SES: ses };
  return new LocalFunction(
    { ...fn, region: options.resources.region, credentials: { ...LOCAL_CREDENTIALS, accessKeyId: fn.name }, endpoints },
    { ...(options.onLog && { onLog: options.onLog }), ...(options.onMoment && { onMoment: options.onMoment }) },
  );
}

/**
 * Checks what Lambda checks of a queue when a mapping is made: that it hides a message for as long as the function may take.
 *
 * @param mapping Its logical id.
 * @param sqs A client with the function's own role: Lambda looks with it too.
 * @throws UploadLedgerError `visibility-too-short`
 */
export async function assertVisibility(
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
