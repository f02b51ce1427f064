import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { QUARANTINE_ATTRIBUTES } from '../../contract/quarantine.ts';
import { ledgerReader } from '../../ledger/read/reader.ts';
import type { LedgerRecord } from '../../ledger/record.ts';
import { type LocalClients, openLocalClients } from '../../local/clients.ts';
import type { LocalStack } from '../../local/stack.ts';
import type { DemoPlan } from './plan.ts';
import { POISON } from './plan.ts';
import type { DemoSummary } from './proof.ts';
import { prove } from './proof.ts';
import { countAlerting, readTold, type Told } from './sent-emails.ts';
import { carryOut, type DoneHistory } from './step-runner.ts';

/** What a demo has proved, and the emails that it made. */
export interface DemoRun {
  readonly summary: DemoSummary;
  readonly told: Told;
}

export interface DemoProgress {
  readonly onUpload: () => void;
  readonly onUploaded: () => void;
}

/**
 * Carries out the plan against a running stack, waits until all of it is recorded, asks for the digest where the stack has one, and holds
 * the ledger and the emails against the plan.
 */
export async function runDemo(stack: LocalStack, plan: DemoPlan, progress: DemoProgress): Promise<DemoRun> {
  const startedAt = performance.now();
  const earlierEmails = (await stack.servers.mail.emails()).length;
  const done: DoneHistory = new Map();
  const uploaders = openUploaders(stack);
  try {
    const bucket = { name: stack.bucketName, clientOf: uploaders.clientOf };
    await Promise.all([carryOut(plan.burst, bucket, done, progress.onUpload), sendPoison(stack)]);
    await carryOut(plan.afterwards, bucket, done, progress.onUpload);
  } finally {
    uploaders.close();
  }
  progress.onUploaded();
  await stack.drained();
  const drainSeconds = (performance.now() - startedAt) / 1000;
  if ((await stack.scheduler.tickNow()).length > 0) await stack.drained();
  const told = await readTold(stack, earlierEmails);
  return { summary: await summarise(stack, done, told, drainSeconds), told };
}

/** One S3 client an uploader: whoever signs a request is the uploader. */
function openUploaders({ servers, resources }: LocalStack) {
  const open = new Map<string, LocalClients>();
  return {
    clientOf: (uploader: string) => {
      const clients = open.get(uploader) ?? openLocalClients(servers.endpoints, resources.region, uploader);
      open.set(uploader, clients);
      return clients.s3;
    },
    close: () => {
      for (const clients of open.values()) clients.destroy();
    },
  };
}

async function sendPoison({ clients, queueUrl }: LocalStack): Promise<void> {
  for (const { body } of POISON) {
    await clients.sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body }));
  }
}

async function summarise(stack: LocalStack, done: DoneHistory, told: Told, drainSeconds: number): Promise<DemoSummary> {
  const records = await readAll(stack);
  const proof = prove(done, records);
  const changes = [...done.values()].flat();
  const count = (status: string, all: readonly { readonly status: string }[]) =>
    all.filter((one) => one.status === status).length;
  const metrics = metricSums(stack);
  const deleted = count('deleted', changes);
  const { duplicates } = stack.notifier.counts();
  // A notification that came twice is counted twice by a digest when its two copies arrived in different batches.
  const repeats = duplicates - (metrics.DuplicatesCollapsed ?? 0);
  const repeatedUploads = told.digests.length === 0 ? 0 : repeats - (told.deletes - deleted);
  return {
    uploaded: count('uploaded', changes),
    recorded: count('uploaded', records),
    deleted,
    deletesRecorded: count('deleted', records),
    missing: proof.missing.length,
    unexpected: proof.unexpected.length,
    misordered: proof.misordered.length,
    duplicatesCollapsed: duplicates,
    quarantined: await deadLetters(stack),
    batches: stack.consumers.eventSources.reduce((sum, source) => sum + source.counters.batches, 0),
    drainSeconds: Math.round(drainSeconds * 10) / 10,
    digests: told.digests.length,
    digestUploads: told.uploads - repeatedUploads,
    digestRepeats: repeatedUploads,
    digestBytes: told.bytes,
    alerts: told.alerts.length,
    alertsExpected: countAlerting(stack, records),
    metrics,
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
  };
}

async function readAll({ clients, tableName, indexShards }: LocalStack): Promise<LedgerRecord[]> {
  const records: LedgerRecord[] = [];
  const reader = ledgerReader({ client: clients.dynamodb, tableName, indexShards });
  for await (const record of reader.all()) records.push(record);
  return records;
}

/** How many dead letters stand there with the reason that they were made for. Others count as many times too often. */
async function deadLetters({ servers, resources, deadLetterQueueUrl }: LocalStack): Promise<number> {
  const queue = resources.queues.find(({ url }) => url === deadLetterQueueUrl);
  const contents = await servers.services.inspectQueue(queue?.name ?? '');
  const letters = [...(contents?.ready ?? []), ...(contents?.inFlight ?? [])];
  const reasons: string[] = POISON.map(({ reason }) => reason);
  const foreign = letters.filter(
    ({ messageAttributes }) => !reasons.includes(messageAttributes[QUARANTINE_ATTRIBUTES.reason]?.StringValue ?? ''),
  );
  return foreign.length > 0 ? -foreign.length : letters.length;
}

/** The sum of each metric over its dimensions and all time. */
function metricSums({ metrics }: LocalStack): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const metric of metrics.list()) {
    sums[metric.name] = (sums[metric.name] ?? 0) + (metrics.total({ ...metric, statistic: 'Sum' }) ?? 0);
  }
  return sums;
}
