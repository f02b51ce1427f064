import type { EventSourceMappingConfiguration } from '@aws-sdk/client-lambda';
import { UNKNOWN_BUCKET } from '../../contract/outputs.ts';
import { formatCount, formatDuration } from '../../shared/format.ts';
import { visibleText } from '../../shared/text.ts';
import { HOUR_MS, SECOND_MS } from '../../shared/time.ts';
import { type Check, type Diagnosis, MAKE_ANEW, ok, REVERT_DRIFT, wrong } from './check.ts';
import type { Deployment } from './deployment.ts';
import { admits, parsePolicy } from './policy.ts';
import { uploadRules } from './source-checks.ts';

/** Whether the queue's policy lets the source of uploads send: S3 drops what it may not send, silently. */
export const queuePolicy: Check = {
  name: 'queue policy',
  needs: ['sqs:GetQueueAttributes', 'cloudformation:ListStackResources', 'events:DescribeRule', 'lambda:GetFunction'],
  run: async (deployment) => {
    const { Policy, QueueArn = '' } = await deployment.queue();
    const policy = parsePolicy(Policy);
    const senders = await sendersOf(deployment);
    const refused = senders.filter((sender) => !admits(policy, { ...sender, queueArn: QueueArn }));
    if (refused.length === 0) return ok(`lets ${senders[0]?.service} send`);
    const [{ service, sourceArn = 'the topic' }] = refused as [Sender];
    return wrong(`does not let ${service} send for ${sourceArn}: uploads are lost without a trace`, REVERT_DRIFT);
  },
};

interface Sender {
  readonly service: string;
  /** Absent: not known; any source that is admitted will do. */
  readonly sourceArn?: string;
}

async function sendersOf(deployment: Deployment): Promise<Sender[]> {
  const { bucketName } = deployment.ledger.resources;
  if (bucketName === UNKNOWN_BUCKET) return [{ service: 'sns.amazonaws.com' }];
  const rules = await uploadRules(deployment);
  if (rules.length === 0) {
    const { QueueArn = '' } = await deployment.queue();
    const [, partition = 'aws'] = QueueArn.split(':');
    const buckets = await deployment.buckets();
    return buckets.map((bucket) => ({ service: 's3.amazonaws.com', sourceArn: `arn:${partition}:s3:::${bucket}` }));
  }
  return rules.map(({ Arn }) => ({ service: 'events.amazonaws.com', ...(Arn !== undefined && { sourceArn: Arn }) }));
}

/** Whether Lambda reads the queue: the event source mapping is enabled, has no problem, and takes partial failures. */
export const queueIsRead: Check = {
  name: 'queue is read',
  needs: ['lambda:ListEventSourceMappings', 'sqs:GetQueueAttributes'],
  run: async (deployment) => {
    const mapping = await mappingOf(deployment);
    if (mapping === undefined) return wrong('no function reads the queue: its event source mapping is gone', MAKE_ANEW);
    return diagnoseMapping(mapping, QUEUE);
  },
};

async function mappingOf({ ledger, queue }: Deployment): Promise<EventSourceMappingConfiguration | undefined> {
  const { ListEventSourceMappingsCommand } = await import('@aws-sdk/client-lambda');
  const [client, { QueueArn }] = await Promise.all([ledger.clients.lambda(), queue()]);
  const { EventSourceMappings = [] } = await client.send(
    new ListEventSourceMappingsCommand({ EventSourceArn: QueueArn }),
  );
  return EventSourceMappings[0];
}

/** What an event source mapping is for, in the words of a diagnosis. */
interface MappingWords {
  readonly source: string;
  /** What waits while it is not read. */
  readonly waiting: string;
  /** What one failure repeats without partial responses. */
  readonly repeats: string;
  /** What the function's role must be allowed. */
  readonly right: string;
}

const QUEUE: MappingWords = {
  source: 'the queue',
  waiting: 'uploads wait in the queue',
  repeats: 'one failed message brings back its whole batch',
  right: 'to receive from the queue, and to use its key',
};

const STREAM: MappingWords = {
  source: 'the stream of the table',
  waiting: 'events of new records wait, and are lost after 24 hours',
  repeats: 'one event that fails repeats its whole batch',
  right: 'to read the stream, and to use the key of the table',
};

/** Whether Lambda reads the stream of the table for the function that publishes events, where there is one. */
export const streamIsRead: Check = {
  name: 'events',
  needs: ['cloudformation:ListStackResources', 'lambda:GetEventSourceMapping'],
  run: async (deployment) => {
    const mapping = await streamMappingOf(deployment);
    return mapping && diagnoseMapping(mapping, STREAM);
  },
};

async function streamMappingOf({
  ledger,
  resources,
}: Deployment): Promise<EventSourceMappingConfiguration | undefined> {
  const made = await resources('AWS::Lambda::EventSourceMapping');
  if (made.length < 2) return undefined;
  const { GetEventSourceMappingCommand } = await import('@aws-sdk/client-lambda');
  const client = await ledger.clients.lambda();
  const mappings = await Promise.all(
    made.map(({ physicalId: UUID }) => client.send(new GetEventSourceMappingCommand({ UUID }))),
  );
  return mappings.find(({ EventSourceArn = '' }) => EventSourceArn.includes('/stream/'));
}

function diagnoseMapping(mapping: EventSourceMappingConfiguration, words: MappingWords): Diagnosis {
  const { UUID, State = 'in an unknown state', StateTransitionReason, LastProcessingResult = '' } = mapping;
  if (!['Enabled', 'Enabling', 'Creating', 'Updating'].includes(State)) {
    const reason = StateTransitionReason === undefined ? '' : ` (${visibleText(StateTransitionReason)})`;
    return wrong(
      `the event source mapping is ${State}${reason}: ${words.waiting}`,
      `enable it: "aws lambda update-event-source-mapping --uuid ${UUID} --enabled"`,
    );
  }
  if (/problem|error/i.test(LastProcessingResult)) {
    return wrong(
      `Lambda cannot read ${words.source}: ${visibleText(LastProcessingResult)}`,
      `the function's role must be allowed ${words.right}: ${REVERT_DRIFT}`,
    );
  }
  if (!mapping.FunctionResponseTypes?.includes('ReportBatchItemFailures')) {
    return wrong(
      `${words.repeats}: ReportBatchItemFailures is off`,
      `switch it on: "aws lambda update-event-source-mapping --uuid ${UUID} --function-response-types ReportBatchItemFailures"`,
    );
  }
  return ok(`in batches of up to ${mapping.BatchSize}`);
}

/** Whether the function can be invoked. Its alarms say whether it succeeds. */
export const functionRuns: Check = {
  name: 'function',
  needs: ['lambda:GetFunction'],
  run: async (deployment) => {
    const {
      FunctionName = '',
      State,
      StateReason,
      LastUpdateStatus,
      LastUpdateStatusReason,
    } = await deployment.function();
    if (State !== undefined && State !== 'Active' && State !== 'Inactive') {
      return wrong(
        `${visibleText(FunctionName)} is ${State}: ${visibleText(StateReason ?? 'no reason given')}`,
        `fix what it names; if somebody changed it by hand, ${REVERT_DRIFT}`,
      );
    }
    if (LastUpdateStatus === 'Failed') {
      const reason = visibleText(LastUpdateStatusReason ?? 'no reason given');
      return wrong(
        `the last update of ${visibleText(FunctionName)} failed: ${reason}`,
        `fix what it names; if somebody updated it by hand, ${REVERT_DRIFT}`,
      );
    }
    return ok(`${visibleText(FunctionName)} is ready`);
  },
};

interface RedrivePolicy {
  readonly deadLetterTargetArn?: string;
  readonly maxReceiveCount?: number | string;
}

interface RedriveAllowPolicy {
  readonly redrivePermission?: 'allowAll' | 'denyAll' | 'byQueue';
  readonly sourceQueueArns?: readonly string[];
}

/** Hours for which a message must be tried, or a short outage moves good messages to the dead-letter queue. */
const MIN_RETRY_HOURS = 1;

/** Whether messages that keep failing are tried for long, then go to the dead-letter queue, and that queue takes them. */
export const redrivePolicy: Check = {
  name: 'redrive policy',
  needs: ['sqs:GetQueueAttributes'],
  run: async ({ queue, deadLetters }) => {
    const [uploads, letters] = await Promise.all([queue(), deadLetters()]);
    const { deadLetterTargetArn, maxReceiveCount }: RedrivePolicy = JSON.parse(uploads.RedrivePolicy ?? '{}');
    if (deadLetterTargetArn === undefined || deadLetterTargetArn !== letters.QueueArn) {
      const now = deadLetterTargetArn === undefined ? 'nowhere' : `to ${deadLetterTargetArn}`;
      return wrong(`messages that keep failing go ${now} instead of to the dead-letter queue`, REVERT_DRIFT);
    }
    const allowed: RedriveAllowPolicy = JSON.parse(letters.RedriveAllowPolicy ?? '{}');
    const { redrivePermission = 'allowAll', sourceQueueArns = [] } = allowed;
    const takes =
      redrivePermission === 'allowAll' ||
      (redrivePermission === 'byQueue' && sourceQueueArns.includes(uploads.QueueArn ?? ''));
    if (!takes) return wrong('the dead-letter queue does not take messages from the queue', REVERT_DRIFT);
    const receives = Number(maxReceiveCount);
    const milliseconds = receives * Number(uploads.VisibilityTimeout) * SECOND_MS;
    const says = `messages that fail go to the dead-letter queue after ${formatDuration(milliseconds)} (${formatCount(receives)} receives)`;
    if (milliseconds < MIN_RETRY_HOURS * HOUR_MS) return wrong(`${says}, which an outage outlasts`, REVERT_DRIFT);
    return ok(says);
  },
};

/** Whether the dead-letter queue is empty. The counts are approximate, as SQS gives them. */
export const deadLettersCheck: Check = {
  name: 'dead letters',
  needs: ['sqs:GetQueueAttributes'],
  run: async ({ deadLetters }) => {
    const { ApproximateNumberOfMessages: waiting, ApproximateNumberOfMessagesNotVisible: inFlight } =
      await deadLetters();
    const count = Number(waiting ?? 0) + Number(inFlight ?? 0);
    if (count === 0) return ok('none');
    return wrong(
      `${formatCount(count)} could not be recorded; SQS deletes each 14 days after it was first sent`,
      'see why with "upload-ledger dlq list"; "dlq redrive" moves back what it counts as NOW OK; for the rest, "dlq export", then "dlq purge"',
    );
  },
};
