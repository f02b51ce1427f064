// The look-up of metadata loads it with the first object: loaded here, it takes no real time.
import '../../../src/consumer/s3-client.ts';
import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SESClient } from '@aws-sdk/client-ses';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { maxWaitDays } from '../../../infra/email/function-email-settings.ts';
import { createAnnouncer } from '../../../src/consumer/announce.ts';
import { type BeginEmail, createEmailPart } from '../../../src/consumer/finish-with-email.ts';
import { type BatchOutcome, handleBatch } from '../../../src/consumer/handle-batch.ts';
import { createUploaderLookup, type UploaderLookup } from '../../../src/consumer/metadata-lookup.ts';
import { BucketDimension, type MetricDocument, toUploadDocuments } from '../../../src/consumer/metrics.ts';
import { createSesMail, type Mail } from '../../../src/consumer/ses-mail.ts';
import type { EmailSettings } from '../../../src/contract/email-settings.ts';
import { EMAIL_METRICS, UPLOAD_METRICS } from '../../../src/contract/metrics.ts';
import { waitingObjects } from '../../../src/dead-letters/on-their-way.ts';
import { createQuarantine } from '../../../src/dead-letters/quarantine.ts';
import { type LedgerQueues, ledgerQueues } from '../../../src/dead-letters/queues.ts';
import { redrive } from '../../../src/dead-letters/redrive.ts';
import { fromItem } from '../../../src/ledger/item.ts';
import { backfill } from '../../../src/ledger/reconcile/backfill.ts';
import { listBucket } from '../../../src/ledger/reconcile/bucket-listing.ts';
import { reconcile } from '../../../src/ledger/reconcile/reconcile.ts';
import type { Finding } from '../../../src/ledger/reconcile/report.ts';
import type { LedgerRecord, RecordSource } from '../../../src/ledger/record.ts';
import { createPutUnlessBetter } from '../../../src/ledger/write/put-unless-better.ts';
import { TableBreaker } from '../../../src/ledger/write/table-breaker.ts';
import { LedgerWriter } from '../../../src/ledger/write/writer.ts';
import { MINUTE_MS } from '../../../src/shared/time.ts';
import { LEDGER } from '../../builders/email-settings.ts';
import { wantedAlerts } from './checks/alerts.ts';
import type { SentAlert } from './observations.ts';
import type { Deployment } from './plans/deployment.ts';
import type { Invocation } from './services/invocation.ts';
import { Life } from './services/process-life.ts';
import type { World } from './world.ts';

const SENDER = 'ledger@example.com';

/** Runs the function's own code for one batch, as `consumer.lambda.ts` puts it together, over the world's services. */
export async function handleWithProduct(
  world: World,
  event: SQSEvent,
  invocation: Invocation,
): Promise<SQSBatchResponse> {
  const { clock, table, deployment } = world;
  const { requestId, remainingMilliseconds, life } = invocation;
  const observed = new ObservedInvocation(world, deployment, requestId);
  const milliseconds = remainingMilliseconds();
  try {
    const email = createEmail(world, life, deployment, observed)({ requestId, milliseconds, remainingMilliseconds });
    const bounds = { clock, remainingMilliseconds };
    const { client, sendPuts: send } = table.connect(life);
    const makeRidingItem = deployment.uploaderMetadata ? undefined : email.makeSummaryItem;
    const ledger = new LedgerWriter({ ...bounds, send, breaker: breakerOf(life), makeRidingItem });
    const outcome = await handleBatch(event, {
      ...bounds,
      uploads: {},
      records: { indexShards: deployment.indexShards, source: 'notification' },
      ledger,
      ...(deployment.uploaderMetadata && {
        lookUpUploader: lookUpIn(world)({ remainingMilliseconds }),
        putUnlessBetter: createPutUnlessBetter({
          ...bounds,
          client: client as DynamoDBClient,
          tableName: table.name,
          ledger,
        }),
      }),
      email: emailSettings(deployment),
      quarantine: createQuarantine({ client: async () => world.sqs.connect(life) as SQSClient, queueUrl: 'dead' }),
      onQuarantined: () => undefined,
    });
    const response = await email.finish(event, outcome);
    observed.end();
    return response;
  } catch (error) {
    world.seen.addCrash(error);
    throw error;
  }
}

function lookUpIn({ bucket, clock, bucketFault }: World): UploaderLookup {
  const client = bucket.connect(bucketFault) as S3Client;
  return createUploaderLookup({ client: async () => client, log: () => undefined, clock });
}

/** What an execution environment remembers from one invocation to the next. */
const BREAKERS = new WeakMap<object, TableBreaker>();

function breakerOf({ retries: environment }: Life): TableBreaker {
  const breaker = (environment && BREAKERS.get(environment)) ?? new TableBreaker();
  if (environment !== undefined) BREAKERS.set(environment, breaker);
  return breaker;
}

function createEmail(world: World, life: Life, deployment: Deployment, observed: ObservedInvocation): BeginEmail {
  return createEmailPart({
    client: world.table.connect(life).client as DynamoDBClient,
    tableName: world.table.name,
    settings: emailSettings(deployment),
    ledger: LEDGER,
    telemetry: {
      report: (outcome) => observed.report(outcome),
      log: (_, message, facts) => {
        if (message === 'Alerts') observed.noteAlerts(facts);
      },
      writeMetrics: (document) => observed.addMetrics(document),
    },
    clock: world.clock,
    announcer: deployment.publishesEvents ? createAnnouncer(world.table.connect(life).sendPuts) : undefined,
    queue: { client: async () => world.sqs.connect(life) as SQSClient, queueUrl: 'uploads' },
    mail: createMail(world, life, observed),
  });
}

function emailSettings(deployment: Deployment): EmailSettings {
  const { alerts, alertsPerMinute, minimumUploads, digestEveryHours, hasDigests = true } = deployment;
  const daily = { name: 'daily', recipients: ['team@example.com'], timeZone: 'UTC', minimumUploads };
  return {
    sender: SENDER,
    digests: hasDigests ? [{ ...daily, maxWaitDays: maxWaitDays(`rate(${digestEveryHours} hours)`) }] : [],
    alerts: alerts.map((rule) => ({ timeZone: 'UTC', ...rule })),
    alertsPerMinute,
  };
}

/** The product's own mailer over the simulated SES. An email counts as sent when SES has accepted it, whatever the mailer hears. */
function createMail(world: World, life: Life, observed: ObservedInvocation): Mail {
  const { clock, seen, ses } = world;
  const mailer = (onAccepted: (at: number) => void) =>
    createSesMail({
      loadClient: async () => ses.connect(life, ({ at }) => onAccepted(at)) as SESClient,
      sender: SENDER,
      ledger: LEDGER,
      log: () => undefined,
      clock,
    });
  return {
    sendDigest: (digest, recipients, deadline) =>
      mailer((at) => {
        world.trace('digest', digest.until, digest.summary.uploads.count);
        seen.digests.push({ at, digest });
      }).sendDigest(digest, recipients, deadline),
    sendAlert: (alert, deadline) =>
      mailer((at) => {
        world.trace('alert', alert.rule.name, alert.count);
        seen.alerts.push({ at, alert });
        observed.addAlert({ at, alert });
      }).sendAlert(alert, deadline),
  };
}

/** What one invocation let the world see. */
class ObservedInvocation {
  readonly sentAlerts: SentAlert[] = [];
  readonly #world: World;
  readonly #deployment: Deployment;
  readonly #requestId: string;
  #failed = 0;
  readonly #buckets = new BucketDimension();
  readonly #metrics = new Map<string, number>();
  #stored: readonly LedgerRecord[] = [];

  constructor(world: World, deployment: Deployment, requestId: string) {
    this.#world = world;
    this.#deployment = deployment;
    this.#requestId = requestId;
  }

  /** Of this batch, or one that has waited in the queue. */
  addAlert(sent: SentAlert): void {
    if (sent.alert.id.startsWith(`${this.#requestId}/`)) this.sentAlerts.push(sent);
  }

  /** What the log says of the alerts. */
  noteAlerts({ failures, heldBackAlerts }: Readonly<Record<string, unknown>>): void {
    const heldBack = (heldBackAlerts ?? []) as readonly { readonly alert: string; readonly uploads: number }[];
    const at = this.#world.clock.now();
    this.#world.seen.heldBack.push(...heldBack.map(({ alert: rule, uploads }) => ({ at, rule, uploads })));
    for (const { id, next } of (failures ?? []) as readonly { readonly id: string; readonly next: string }[]) {
      if (next === 'lost') this.#world.seen.lostAlerts += 1;
      else this.#world.seen.failedAlerts.set(id, next === 'given up');
      if (id.startsWith(`${this.#requestId}/`)) this.#failed += 1;
    }
  }

  report(outcome: BatchOutcome): void {
    const { clock, model, seen } = this.#world;
    const { stored, failed, quarantined } = outcome;
    this.#stored = stored.map(({ record }) => record);
    for (const record of this.#stored) model.addStored(record, clock.now());
    const uploads = this.#stored.filter(({ status }) => status === 'uploaded').length;
    if (uploads > 0) seen.stored.push({ at: clock.now(), uploads });
    const matched = wantedAlerts(this.#stored, this.#deployment.alerts).keys();
    for (const rule of matched) seen.alertEvents.push({ id: `${this.#requestId}/${rule}`, at: clock.now() });
    seen.storedRecords += stored.length;
    for (const document of toUploadDocuments(stored, clock.now(), this.#buckets)) {
      seen.uploadsRecorded += sumOf(document, UPLOAD_METRICS.uploadsRecorded);
      seen.uploadBytes += sumOf(document, UPLOAD_METRICS.uploadBytes);
    }
    this.#world.trace('batch', stored.length, failed, quarantined);
  }

  addMetrics(document: MetricDocument): void {
    for (const name of Object.values(EMAIL_METRICS)) {
      this.#metrics.set(name, (this.#metrics.get(name) ?? 0) + sumOf(document, name));
    }
  }

  /** The invocation has lived to give its answer. */
  end(): void {
    const wanted = wantedAlerts(this.#stored, this.#deployment.alerts);
    if (wanted.size === 0) return;
    this.#world.seen.alertRounds.push({
      at: this.#world.clock.now(),
      wanted,
      sent: this.sentAlerts,
      failed: this.#failed,
      heldBack: this.#metrics.get(EMAIL_METRICS.alertsHeldBack) ?? 0,
      wasDisturbed: this.#world.wasDisturbed(2 * MINUTE_MS),
    });
  }
}

function sumOf({ metrics }: MetricDocument, name: string): number {
  return metrics
    .flatMap((metric) => (metric.name === name ? metric.values : []))
    .reduce((sum, value) => sum + value, 0);
}

/** What an operator's commands work on. */
function queuesOf(world: World, life: Life): LedgerQueues {
  const { indexShards } = world.deployment;
  const resources = { queueUrl: 'uploads', deadLetterQueueUrl: 'dead', tableName: world.table.name, indexShards };
  const sqs = world.sqs.connect(life) as SQSClient;
  return ledgerQueues({
    sqs,
    dynamodb: async () => world.table.connect(life).client as DynamoDBClient,
    resources,
    clock: world.clock,
  });
}

/** `upload-ledger dlq redrive`. */
export async function redriveDeadLetters(world: World, life = new Life()): Promise<void> {
  const { moved, end } = await redrive({ ...queuesOf(world, life), all: false, dryRun: false });
  world.trace('redriven', moved, end);
}

/** `upload-ledger backfill`. */
export async function backfillBucket(world: World, life = new Life()): Promise<void> {
  const { clock, bucket } = world;
  const { written } = await backfill({
    ...operatorSettings(world, 'backfill', life),
    waiting: await waitingObjects(queuesOf(world, life)),
    objects: listBucket({ client: bucket.client, bucket: bucket.name }),
    startedAt: new Date(clock.now()),
  });
  world.trace('backfilled', written);
}

/** `upload-ledger reconcile`. @returns What it found. */
export async function reconcileBucket(
  world: World,
  {
    repair,
    life = new Life(),
    graceMilliseconds = GRACE_MS,
  }: { readonly repair: boolean; readonly life?: Life; readonly graceMilliseconds?: number },
): Promise<Finding[]> {
  const { clock, bucket } = world;
  const findings: Finding[] = [];
  const waiting = repair ? await waitingObjects(queuesOf(world, life)) : undefined;
  const steps = reconcile({
    ...operatorSettings(world, 'reconcile', life),
    graceMilliseconds,
    client: bucket.client,
    bucket: bucket.name,
    ...(waiting && { waiting }),
    repair,
    startedAt: new Date(clock.now()),
  });
  for await (const finding of steps) findings.push(finding);
  world.trace('reconciled', findings.length);
  return findings;
}

/**
 * As with `--grace 15m`, which is far less than a message may take: whoever says so must still end with one record an
 * upload.
 */
const GRACE_MS = 15 * MINUTE_MS;

function operatorSettings(world: World, source: RecordSource, life: Life) {
  const { clock, table, deployment } = world;
  const { indexShards } = deployment;
  return {
    clock,
    table: { client: noting(table.connect(life).client, world), tableName: table.name, indexShards },
    settings: { uploads: {}, records: { indexShards, source } },
    graceMilliseconds: GRACE_MS,
  };
}

/** The client, telling the model of each record that is written of what was found. */
function noting(client: Pick<DynamoDBClient, 'send'>, { model, clock }: World): Pick<DynamoDBClient, 'send'> {
  const send = (command: { readonly input: object }) => {
    if (command instanceof PutItemCommand) model.addFound(fromItem(command.input.Item ?? {}), clock.now());
    return client.send(command as PutItemCommand);
  };
  return { send } as unknown as Pick<DynamoDBClient, 'send'>;
}
