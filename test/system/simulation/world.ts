import { createHash } from 'node:crypto';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { createFinishWithEmail, type FinishBatch, type Mail } from '../../../src/consumer/finish-with-email.ts';
import { type BatchOutcome, handleBatch } from '../../../src/consumer/handle-batch.ts';
import { createQuarantine } from '../../../src/dead-letters/quarantine.ts';
import { type LedgerQueues, ledgerQueues } from '../../../src/dead-letters/queues.ts';
import type { Alert } from '../../../src/digest/alerts/alert-rules.ts';
import type { Digest } from '../../../src/digest/email/digest-email.ts';
import { LedgerWriter } from '../../../src/ledger/write/writer.ts';
import { MINUTE_MS, SECOND_MS } from '../../../src/shared/time.ts';
import { Model } from './model.ts';
import type { Life } from './process-life.ts';
import { SimulatedTable, type TableFault } from './simulated-dynamodb.ts';
import { type Invocation, type InvocationFault, SimulatedFunction } from './simulated-lambda.ts';
import { type S3Event, SimulatedBucket } from './simulated-s3.ts';
import { SimulatedQueue } from './simulated-sqs.ts';
import { SimulatedSqs } from './sqs-client.ts';
import { VirtualClock } from './virtual-clock.ts';

/** The settings of the stack that matter here. */
export interface Deployment {
  readonly batchSize: number;
  readonly batchWindowSeconds: number;
  readonly concurrency: number;
  readonly timeoutSeconds: number;
  readonly visibilitySeconds: number;
  readonly retentionDays: number;
  readonly maxReceiveCount: number;
  readonly indexShards: number;
  readonly alertsPerMinute: number;
  /** As in cdk.json. */
  readonly alerts: readonly {
    readonly name: string;
    readonly prefix?: string;
    readonly recipients: readonly string[];
  }[];
}

/** How often something small goes wrong: shares of calls, messages or invocations. */
export interface Noise {
  /** Share of DynamoDB calls of which some puts come back. */
  readonly unprocessed: number;
  readonly refused: number;
  readonly throttled: number;
  readonly answerLost: number;
  readonly kills: number;
  /** Share of notifications that S3 delivers twice, and that it never delivers. */
  readonly duplicates: number;
  readonly lost: number;
  /** Share of emails that SES refuses. */
  readonly emails: number;
}

export const QUIET: Noise = {
  unprocessed: 0,
  refused: 0,
  throttled: 0,
  answerLost: 0,
  kills: 0,
  duplicates: 0,
  lost: 0,
  emails: 0,
};

/** What is down as a whole: the table, the right to use it, or the function's code. */
export type OutageKind = 'table' | 'permission' | 'bundle' | 'email';

export interface WorldOptions {
  readonly seed: number;
  /** Epoch milliseconds. */
  readonly startsAt: number;
  readonly isVersioned: boolean;
  readonly deployment: Deployment;
  readonly noise: Noise;
}

/** An email that SES has accepted. */
export interface SentDigest {
  readonly at: number;
  readonly digest: Digest;
}

export interface SentAlert {
  readonly at: number;
  readonly alert: Alert;
}

const DAY_MS = 24 * 60 * MINUTE_MS;

/** The product's own stages over simulated services, on one clock and one source of chance. */
export class World {
  readonly clock: VirtualClock;
  readonly table: SimulatedTable;
  readonly uploads: SimulatedQueue;
  readonly deadLetters: SimulatedQueue;
  readonly sqs: SimulatedSqs;
  readonly bucket: SimulatedBucket;
  readonly consumer: SimulatedFunction;
  readonly model = new Model();
  readonly digests: SentDigest[] = [];
  readonly alerts: SentAlert[] = [];
  /** Faults that struck, by their kind. */
  readonly faults = new Map<string, number>();
  /** Uploads that the function reported as stored, repeats included. */
  storedUploads = 0;
  quarantined = 0;
  readonly #options: WorldOptions;
  readonly #outages = new Set<OutageKind>();
  readonly #trace = createHash('sha256');
  readonly #finish: (life: Life) => FinishBatch;

  constructor(options: WorldOptions) {
    const { seed, startsAt, isVersioned, deployment } = options;
    this.#options = options;
    const clock = new VirtualClock(startsAt, seed);
    this.clock = clock;
    this.table = new SimulatedTable({
      clock,
      fault: () => this.#tableFault(),
      latency: () => 3 + clock.random() * 7,
      indexDelay: () => clock.random() * 1_000,
    });
    const retentionMs = deployment.retentionDays * DAY_MS;
    this.deadLetters = new SimulatedQueue('dead', { clock, visibilityMs: 30 * SECOND_MS, retentionMs });
    this.uploads = new SimulatedQueue('uploads', {
      clock,
      visibilityMs: deployment.visibilitySeconds * SECOND_MS,
      retentionMs,
      maxReceiveCount: deployment.maxReceiveCount,
      deadLetters: this.deadLetters,
    });
    this.sqs = new SimulatedSqs({ clock, queues: [this.uploads, this.deadLetters] });
    this.bucket = new SimulatedBucket({
      name: 'uploads-bucket',
      isVersioned,
      clock,
      onEvent: (event, body) => this.#deliver(event, body),
    });
    this.#finish = (life) => this.#createFinish(life);
    this.consumer = new SimulatedFunction({
      clock,
      queue: this.uploads,
      batchSize: deployment.batchSize,
      batchWindowMs: deployment.batchWindowSeconds * SECOND_MS,
      concurrency: deployment.concurrency,
      timeoutMs: deployment.timeoutSeconds * SECOND_MS,
      handle: (event, invocation) => this.#handle(event, invocation),
      fault: () => this.#invocationFault(),
    });
  }

  /** Adds a line to the trace: two runs with equal hashes did the same. */
  trace(...facts: readonly (string | number)[]): void {
    this.#trace.update(`${this.clock.now()} ${facts.join(' ')}\n`);
  }

  /** Of everything that was traced so far, hexadecimal. */
  traceHash(): string {
    return this.#trace.copy().digest('hex').slice(0, 16);
  }

  startOutage(kind: OutageKind): void {
    this.#outages.add(kind);
    this.trace('outage', kind);
  }

  endOutage(kind: OutageKind): void {
    this.#outages.delete(kind);
    this.trace('outage over', kind);
  }

  /** Whether nothing is on its way any more: no message waits, none is being handled. */
  get isDrained(): boolean {
    return this.uploads.size === 0 && this.consumer.running === 0;
  }

  /** What an operator's commands work on. */
  queues(): LedgerQueues {
    const sqs = this.sqs.connect() as SQSClient;
    const { indexShards } = this.#options.deployment;
    const resources = { queueUrl: 'uploads', deadLetterQueueUrl: 'dead', tableName: this.table.name, indexShards };
    const dynamodb = async () => this.table.client as DynamoDBClient;
    return ledgerQueues({ sqs, dynamodb, resources, clock: this.clock });
  }

  #count(kind: string): void {
    this.faults.set(kind, (this.faults.get(kind) ?? 0) + 1);
    this.trace('fault', kind);
  }

  #strikes(kind: string, share: number): boolean {
    if (share === 0 || this.clock.random() >= share) return false;
    this.#count(kind);
    return true;
  }

  #tableFault(): TableFault | undefined {
    if (this.#outages.has('table')) return { kind: 'refused' };
    if (this.#outages.has('permission')) return { kind: 'denied' };
    const { noise } = this.#options;
    if (this.#strikes('unprocessed', noise.unprocessed)) return { kind: 'unprocessed', share: 0.5 };
    if (this.#strikes('refused', noise.refused)) return { kind: 'refused' };
    if (this.#strikes('throttled', noise.throttled)) return { kind: 'throttled' };
    if (this.#strikes('answer-lost', noise.answerLost)) return { kind: 'answer-lost' };
    return undefined;
  }

  #invocationFault(): InvocationFault | undefined {
    if (this.#outages.has('bundle')) return 'does-not-load';
    return this.#strikes('killed', this.#options.noise.kills) ? 'killed' : undefined;
  }

  /** S3 delivers most notifications within a second, some after minutes, in no order, now and then twice, and hardly ever not at all. */
  #deliver(event: S3Event, body: string): void {
    const { noise } = this.#options;
    this.model.add(this.bucket.name, event);
    this.trace('event', event.eventName, event.version.key);
    if (this.#strikes('notification lost', noise.lost)) {
      this.model.addLost(event);
      return;
    }
    const copies = this.#strikes('notification twice', noise.duplicates) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      const isSlow = this.clock.random() < 0.01;
      this.clock.after(this.clock.random() * (isSlow ? 5 * MINUTE_MS : SECOND_MS), () => this.uploads.send(body));
    }
  }

  async #handle(event: SQSEvent, { requestId, remainingMilliseconds, life }: Invocation): Promise<SQSBatchResponse> {
    const { clock, table, sqs } = this;
    const milliseconds = remainingMilliseconds();
    const { indexShards } = this.#options.deployment;
    const outcome = await handleBatch(event, {
      clock,
      remainingMilliseconds,
      uploads: {},
      records: { indexShards, source: 'notification' },
      ledger: new LedgerWriter({
        clock,
        remainingMilliseconds,
        send: table.connect(life).sendPuts,
      }),
      sendsEmail: true,
      quarantine: createQuarantine({ client: async () => sqs.connect(life) as SQSClient, queueUrl: 'dead' }),
      onQuarantined: () => undefined,
    });
    return this.#finish(life)(event, outcome, { requestId, milliseconds, remainingMilliseconds });
  }

  #createFinish(life: Life): FinishBatch {
    const { alerts, alertsPerMinute } = this.#options.deployment;
    return createFinishWithEmail({
      client: this.table.connect(life).client as DynamoDBClient,
      tableName: this.table.name,
      config: {
        sender: 'ledger@example.com',
        ...(alerts.length > 0 && { alerts: { rules: JSON.stringify(alerts), perMinute: alertsPerMinute } }),
      },
      telemetry: {
        report: (outcome) => this.#report(outcome),
        log: () => undefined,
        writeMetrics: () => undefined,
      },
      clock: this.clock,
      mail: this.#mail(life),
    });
  }

  #mail(life: Life): Mail {
    const accept = async (what: string) => {
      await this.clock.sleep(50 + this.clock.random() * 100);
      if (this.#outages.has('email') || this.#strikes('email refused', this.#options.noise.emails)) {
        throw new Error('SES refused the email');
      }
      this.trace('email', what);
    };
    return {
      sendDigest: (digest) =>
        life.call(async () => {
          await accept(`digest ${digest.name} ${digest.until}`);
          this.digests.push({ at: this.clock.now(), digest });
        }),
      sendAlert: (alert) =>
        life.call(async () => {
          await accept(`alert ${alert.rule.name} ${alert.count}`);
          this.alerts.push({ at: this.clock.now(), alert });
        }),
    };
  }

  #report({ stored, failed, quarantined }: BatchOutcome): void {
    this.storedUploads += stored.filter(({ record }) => record.status === 'uploaded').length;
    this.quarantined += quarantined;
    this.trace('batch', stored.length, failed, quarantined);
  }
}
