import type { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSRecord } from 'aws-lambda';
import { createAnnouncer } from '../../src/consumer/announce.ts';
import { createEmailPart, type EmailOptions, type Invocation } from '../../src/consumer/finish-with-email.ts';
import type { BatchOutcome } from '../../src/consumer/handle-batch.ts';
import { handleBatch } from '../../src/consumer/handle-batch.ts';
import type { MetricDocument } from '../../src/consumer/metrics.ts';
import type { Mail } from '../../src/consumer/ses-mail.ts';
import type { Alert } from '../../src/digest/alerts/alert-rules.ts';
import type { Digest } from '../../src/digest/email/digest-email.ts';
import { createBatchWrite } from '../../src/ledger/write/batch-write.ts';
import { LedgerWriter } from '../../src/ledger/write/writer.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { alertRule, digestSettings, emailSettings, LEDGER } from '../builders/email-settings.ts';
import { sqsEvent } from '../builders/sqs-message.ts';
import { type DynamoDBServer, TABLE_NAME } from '../ledger/dynamodb-server.ts';

/** What one invocation with email did, in the order in which it did it. */
export interface Finished {
  readonly response: SQSBatchResponse;
  readonly failed: readonly string[];
  readonly steps: readonly string[];
  /** Bodies of the messages that went to the uploads queue. */
  readonly queued: readonly string[];
  readonly reported: readonly BatchOutcome[];
  readonly digests: readonly Digest[];
  readonly alerts: readonly Alert[];
  readonly log: readonly {
    readonly level: string;
    readonly message: string;
    readonly facts: Record<string, unknown>;
  }[];
  /** Values of the email metrics by name. */
  readonly metrics: Readonly<Record<string, number>>;
}

export interface FinishOptions {
  /** Rules for all uploads, by these names. Default: none. */
  readonly rules?: readonly string[];
  readonly perMinute?: number;
  /** Whether alerts and digests are events. @default false */
  readonly announces?: boolean;
  /** What sending does beside reaching the inbox. */
  readonly mail?: Partial<Mail>;
  /** What sending to the queue does. @default nothing */
  readonly onEnqueue?: (input: SendMessageCommand['input']) => void;
  readonly invocation?: Partial<Invocation>;
  /** Epoch milliseconds. @default the machine's clock */
  readonly now?: () => number;
}

let invocations = 0;

/** Runs one invocation whose records and summary go to `server`. */
export async function finish(
  server: DynamoDBServer,
  messages: readonly SQSRecord[],
  options: FinishOptions = {},
): Promise<Finished> {
  invocations += 1;
  const steps: string[] = [];
  const invocation: Invocation = {
    requestId: `request-${invocations}`,
    milliseconds: 30_000,
    remainingMilliseconds: () => 30_000,
    ...options.invocation,
  };
  const { remainingMilliseconds } = invocation;
  const clock = { ...systemClock, random: () => 0, ...(options.now !== undefined && { now: options.now }) };
  const quarantine = async () => void steps.push('quarantine');
  const inbox = recording(steps, options.mail ?? {});
  const { rules = [], perMinute: alertsPerMinute = 100 } = options;
  const alerts = rules.map((name) => alertRule(name));
  const names = messages.flatMap(({ body }) => /"digest":\{"name":"([^"]+)"/.exec(body)?.[1] ?? []);
  const digests = names.map((name) => digestSettings(name));
  const settings = emailSettings({ digests, alerts, alertsPerMinute });
  const send = createBatchWrite(server.client, TABLE_NAME);
  const email = createEmailPart({
    client: server.client,
    tableName: TABLE_NAME,
    settings,
    ledger: LEDGER,
    clock,
    mail: inbox.mail,
    queue: { client: async () => queueOf(options, inbox.queued), queueUrl: 'uploads' },
    telemetry: inbox.telemetry,
    announcer: options.announces ? createAnnouncer(send) : undefined,
  })(invocation);
  const writer = new LedgerWriter({ send, remainingMilliseconds, clock, makeRidingItem: email.makeSummaryItem });
  const event = sqsEvent(...messages);
  const outcome = await handleBatch(event, {
    uploads: {},
    records: { indexShards: 2, source: 'notification' },
    ledger: writer,
    email: settings,
    ticksSetEnd: true,
    quarantine,
    onQuarantined: () => undefined,
    remainingMilliseconds,
    clock,
  });
  const response = await email.finish(event, outcome);
  return { ...inbox, steps, response, failed: response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier) };
}

function queueOf({ onEnqueue }: FinishOptions, queued: string[]): SQSClient {
  const send = async ({ input }: SendMessageCommand) => {
    onEnqueue?.(input);
    queued.push(input.MessageBody ?? '');
  };
  return { send } as unknown as SQSClient;
}

function recording(steps: string[], { sendDigest, sendAlert }: Partial<Mail>) {
  const [digests, alerts, log, reported] = [
    [] as Digest[],
    [] as Alert[],
    [] as Finished['log'][number][],
    [] as BatchOutcome[],
  ];
  const metrics: Record<string, number> = {};
  const mail: Mail = {
    sendDigest: async (digest, recipients, deadline) => {
      await sendDigest?.(digest, recipients, deadline);
      steps.push(`digest ${digest.name}`);
      digests.push(digest);
    },
    sendAlert: async (alert, deadline) => {
      await sendAlert?.(alert, deadline);
      steps.push(`alert ${alert.rule.name}`);
      alerts.push(alert);
    },
  };
  const telemetry: EmailOptions['telemetry'] = {
    report: (outcome) => {
      steps.push('report');
      reported.push(outcome);
    },
    log: (level, message, facts) => void log.push({ level, message, facts }),
    writeMetrics: (document: MetricDocument) => {
      for (const { name, values } of document.metrics) metrics[name] = values.reduce((sum, value) => sum + value, 0);
    },
  };
  const queued: string[] = [];
  return { mail, telemetry, digests, alerts, log, reported, metrics, queued };
}
