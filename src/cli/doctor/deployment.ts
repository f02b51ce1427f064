import type { StackResourceSummary } from '@aws-sdk/client-cloudformation';
import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import type { GetScheduleOutput } from '@aws-sdk/client-scheduler';
import { ENVIRONMENT } from '../../contract/environment.ts';
import { UNKNOWN_BUCKET } from '../../contract/outputs.ts';
import { once } from '../../shared/concurrency.ts';
import type { OpenLedger } from '../connection.ts';

/** Attributes of a queue, by SQS's names. */
type QueueAttributes = Readonly<Record<string, string>>;

/** What several checks need to know of a deployment. Each is asked for once, when it is first needed. */
export interface Deployment {
  readonly ledger: OpenLedger;
  /** The template that this checkout would deploy; undefined where there is no checkout of this stack. */
  readonly checkoutTemplate: () => Promise<string | undefined>;
  /** Attributes of the uploads queue. */
  readonly queue: () => Promise<QueueAttributes>;
  /** Attributes of the dead-letter queue. */
  readonly deadLetters: () => Promise<QueueAttributes>;
  /** Attributes of the queue of failed deliveries; undefined where there are no webhooks. */
  readonly deliveries: () => Promise<QueueAttributes | undefined>;
  /** The stack's resources of one type, such as `AWS::Events::Rule`. */
  readonly resources: (type: string) => Promise<readonly StackResource[]>;
  /** Configuration of the function that records. */
  readonly function: () => Promise<FunctionConfiguration>;
  /** Names of the buckets whose uploads are recorded, as the function knows them. None behind a topic. */
  readonly buckets: () => Promise<readonly string[]>;
  /** The digests' schedules: those that send to the uploads queue. */
  readonly schedules: () => Promise<readonly GetScheduleOutput[]>;
}

/** One resource of a stack. */
export interface StackResource {
  readonly logicalId: string;
  readonly physicalId: string;
}

export function inspectDeployment(
  ledger: OpenLedger,
  checkoutTemplate: Deployment['checkoutTemplate'] = async () => undefined,
): Deployment {
  const { queueUrl, deadLetterQueueUrl, deliveries } = ledger.resources;
  const queue = once(() => attributesOf(ledger, queueUrl));
  const all = once(() => stackResources(ledger));
  const functionConfiguration = once(() => functionOf(ledger));
  const resources = async (type: string) =>
    (await all()).flatMap(({ ResourceType, LogicalResourceId, PhysicalResourceId }) =>
      ResourceType === type && LogicalResourceId !== undefined && PhysicalResourceId !== undefined
        ? [{ logicalId: LogicalResourceId, physicalId: PhysicalResourceId }]
        : [],
    );
  return {
    ledger,
    checkoutTemplate,
    queue,
    deadLetters: once(() => attributesOf(ledger, deadLetterQueueUrl)),
    deliveries: once(async () => deliveries && attributesOf(ledger, deliveries.queueUrl)),
    resources,
    function: functionConfiguration,
    buckets: once(async () => bucketsOf(await functionConfiguration(), ledger)),
    schedules: once(async () =>
      schedulesTo((await queue()).QueueArn ?? '', await resources('AWS::Scheduler::Schedule'), ledger),
    ),
  };
}

async function attributesOf({ clients }: OpenLedger, QueueUrl: string): Promise<QueueAttributes> {
  const { GetQueueAttributesCommand } = await import('@aws-sdk/client-sqs');
  const client = await clients.sqs();
  const { Attributes = {} } = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
  return Attributes;
}

async function stackResources({ clients, stackName }: OpenLedger): Promise<readonly StackResourceSummary[]> {
  const { paginateListStackResources } = await import('@aws-sdk/client-cloudformation');
  const pages = paginateListStackResources({ client: await clients.cloudformation() }, { StackName: stackName });
  const found: StackResourceSummary[] = [];
  for await (const { StackResourceSummaries = [] } of pages) found.push(...StackResourceSummaries);
  return found;
}

async function functionOf({ clients, resources }: OpenLedger): Promise<FunctionConfiguration> {
  const { GetFunctionCommand } = await import('@aws-sdk/client-lambda');
  const client = await clients.lambda();
  const { Configuration = {} } = await client.send(new GetFunctionCommand({ FunctionName: resources.functionName }));
  return Configuration;
}

/** The outputs name one bucket, the function's environment all of them; where it is hidden, the one has to do. */
function bucketsOf({ Environment }: FunctionConfiguration, { resources }: OpenLedger): readonly string[] {
  const names = Environment?.Variables?.[ENVIRONMENT.bucketNames] ?? resources.bucketName;
  return names === UNKNOWN_BUCKET ? [] : names.split(',');
}

/**
 * The schedules that send to the queue: the stack may have others. A schedule's id does not name its group, so all are
 * listed.
 */
async function schedulesTo(queueArn: string, schedules: readonly StackResource[], { clients }: OpenLedger) {
  if (schedules.length === 0) return [];
  const { GetScheduleCommand, paginateListSchedules } = await import('@aws-sdk/client-scheduler');
  const client = await clients.scheduler();
  const names = new Set(schedules.map(({ physicalId }) => physicalId));
  const found: GetScheduleOutput[] = [];
  for await (const { Schedules = [] } of paginateListSchedules({ client }, {})) {
    for (const { Name, GroupName, Target } of Schedules) {
      if (Target?.Arn !== queueArn || !names.has(Name ?? '')) continue;
      found.push(await client.send(new GetScheduleCommand({ Name, GroupName })));
    }
  }
  return found;
}
