import { LOCAL_CREDENTIALS, type LocalClients, type LocalEndpoints } from './clients.ts';
import { type EventSource, startEventSource } from './event-source.ts';
import type { BatchReport } from './event-source-options.ts';
import type { EnvironmentHooks } from './execution-environment-hooks.ts';
import { LocalFunction } from './local-function.ts';
import type { FunctionResource, LocalResources } from './template-resources.ts';

export interface ConsumersOptions extends Partial<EnvironmentHooks> {
  readonly resources: LocalResources;
  readonly endpoints: LocalEndpoints;
  readonly clients: Pick<LocalClients, 'sqs'>;
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

export function startConsumers(options: ConsumersOptions): Consumers {
  const { resources } = options;
  const functions = new Map(resources.functions.map((fn) => [fn.name, startFunction(fn, options)]));
  const eventSources = resources.eventSourceMappings
    .filter(({ enabled }) => enabled)
    .map((mapping) => {
      const queue = resources.queues.find(({ arn }) => arn === mapping.queueArn);
      const fn = functions.get(mapping.functionName);
      // The template reader has checked both.
      if (queue === undefined || fn === undefined) throw new TypeError(`${mapping.logicalId} is not connected.`);
      return startEventSource({
        sqs: options.clients.sqs,
        queueUrl: queue.url,
        queue,
        region: resources.region,
        mapping: { ...mapping, reportBatchItemFailures: mapping.reportsBatchItemFailures },
        fn,
        ...(options.retryAfterSeconds !== undefined && { retryAfterSeconds: options.retryAfterSeconds }),
        ...(options.onBatch && { onBatch: options.onBatch }),
        ...(options.onError && { onError: options.onError }),
      });
    });
  return {
    functions: [...functions.values()],
    eventSources,
    close: async () => {
      await Promise.all(eventSources.map((source) => source.close()));
      await Promise.all([...functions.values()].map((fn) => fn.close()));
    },
  };
}

function startFunction(fn: FunctionResource, options: ConsumersOptions): LocalFunction {
  const { services, dynamodb, ses } = options.endpoints;
  const endpoints = { AWS_ENDPOINT_URL: services, AWS_ENDPOINT_URL_DYNAMODB: dynamodb, AWS_ENDPOINT_URL_SES: ses };
  return new LocalFunction(
    { ...fn, region: options.resources.region, credentials: LOCAL_CREDENTIALS, endpoints },
    { ...(options.onLog && { onLog: options.onLog }), ...(options.onMoment && { onMoment: options.onMoment }) },
  );
}
