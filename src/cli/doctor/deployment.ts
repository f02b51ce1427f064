import type { StackResourceSummary } from '@aws-sdk/client-cloudformation';
import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import type { GetScheduleOutput } from '@aws-sdk/client-scheduler';
import { once } from '../../shared/concurrency.ts';
import type { OpenLedger } from '../connection.ts';

/** Attributes of a queue, by SQS's names. */
export type QueueAttributes = Readonly<Record<string, string>>;

/** What several checks ask of the deployment. Each is asked for once, when first needed. */
export interface Deployment {
  readonly ledger: OpenLedger;
  /** The queue that uploads wait in. */
  readonly queue: () => Promise<QueueAttributes>;
  readonly deadLetters: () => Promise<QueueAttributes>;
  /** Physical and logical ids of the stack's resources of one type, such as `AWS::Events::Rule`. */
  readonly parts: (type: string) => Promise<readonly StackPart[]>;
  /** Configuration of the function that records. */
  readonly function: () => Promise<FunctionConfiguration>;
  /** The schedules that send to the queue: those of digests. */
  readonly schedules: () => Promise<readonly GetScheduleOutput[]>;
}

/** One resource of a stack. */
export interface StackPart {
  readonly logicalId: string;
  readonly physicalId: string;
}

/** Opens the look-ups on a ledger. Nothing is asked before a check needs it. */
export function deploymentOf(ledger: OpenLedger): Deployment {
  const { queueUrl, deadLetterQueueUrl } = ledger.resources;
  const queue = once(() => attributesOf(ledger, queueUrl));
  const all = once(() => stackResources(ledger));
  const parts = async (type: string) =>
    (await all()).flatMap(({ ResourceType, LogicalResourceId, PhysicalResourceId }) =>
      ResourceType === type && LogicalResourceId !== undefined && PhysicalResourceId !== undefined
        ? [{ logicalId: LogicalResourceId, physicalId: PhysicalResourceId }]
        : [],
    );
  return {
    ledger,
    queue,
    deadLetters: once(() => attributesOf(ledger, deadLetterQueueUrl)),
    parts,
    function: once(() => functionOf(ledger)),
    schedules: once(async () =>
      schedulesTo((await queue()).QueueArn ?? '', await parts('AWS::Scheduler::Schedule'), ledger),
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
  const { GetFunctionConfigurationCommand } = await import('@aws-sdk/client-lambda');
  const client = await clients.lambda();
  return client.send(new GetFunctionConfigurationCommand({ FunctionName: resources.functionName }));
}

/** Those of `parts` whose target is the queue: the stack may have others. Their groups are not part of their ids. */
async function schedulesTo(queueArn: string, parts: readonly StackPart[], { clients }: OpenLedger) {
  if (parts.length === 0) return [];
  const { GetScheduleCommand, paginateListSchedules } = await import('@aws-sdk/client-scheduler');
  const client = await clients.scheduler();
  const names = new Set(parts.map(({ physicalId }) => physicalId));
  const found: GetScheduleOutput[] = [];
  for await (const { Schedules = [] } of paginateListSchedules({ client }, {})) {
    for (const { Name, GroupName, Target } of Schedules) {
      if (Target?.Arn !== queueArn || !names.has(Name ?? '')) continue;
      found.push(await client.send(new GetScheduleCommand({ Name, GroupName })));
    }
  }
  return found;
}
