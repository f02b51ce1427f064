import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SQSClient } from '@aws-sdk/client-sqs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LedgerQueues, ledgerQueues } from '../../src/dead-letters/queues.ts';
import { redrive } from '../../src/dead-letters/redrive.ts';
import { decideRedrive } from '../../src/dead-letters/redrive-decision.ts';
import { currentState } from '../../src/ledger/current-state.ts';
import { toItem } from '../../src/ledger/item.ts';
import { historyOf } from '../../src/ledger/read/history.ts';
import { backfill } from '../../src/ledger/reconcile/backfill.ts';
import { listBucket } from '../../src/ledger/reconcile/bucket-listing.ts';
import { reconcile } from '../../src/ledger/reconcile/reconcile.ts';
import { MINUTE_MS, SECOND_MS } from '../../src/shared/time.ts';
import { overtakenVersions } from '../system/simulation/checks/model.ts';
import { SimulatedTable } from '../system/simulation/services/dynamodb/simulated-dynamodb.ts';
import { type S3Event, SimulatedBucket } from '../system/simulation/services/simulated-s3.ts';
import { SimulatedQueue } from '../system/simulation/services/simulated-sqs.ts';
import { SimulatedSqs } from '../system/simulation/services/sqs-client.ts';
import { VirtualClock } from '../system/simulation/services/virtual-clock.ts';

const BUCKET = 'uploads-bucket';
const SHARDS = 4;
const WHO = 'AWS:AROAEXAMPLE:alice';

/** What becomes of a notification: S3 delivers it now, twice, much later, not at all; or it lands in the dead-letter queue. */
const FATES = ['now', 'twice', 'late', 'never', 'dead'] as const;
type Fate = (typeof FATES)[number];

/** `deleteLast`: of the last version or delete marker, for good, which brings back the one before. */
const CHANGES = ['put', 'multipart', 'delete', 'deleteLast'] as const;

const OPERATIONS = ['backfill', 'reconcile', 'repair', 'redrive', 'deliver', 'wait'] as const;

type Step =
  | { readonly kind: (typeof CHANGES)[number]; readonly key: string; readonly fate: Fate }
  | { readonly kind: (typeof OPERATIONS)[number] };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constantFrom(...CHANGES),
    key: fc.constantFrom('a.txt', 'b/ü +%.png'),
    fate: fc.constantFrom(...FATES),
  }),
  fc.record({ kind: fc.constantFrom(...OPERATIONS) }),
);

const steps = (of: fc.Arbitrary<Step>) => fc.array(of, { minLength: 1, maxLength: 25 });

/** Of one object: versions that S3 puts into another order than their events, and repairs between its changes. */
const hidingStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('put', 'multipart', 'delete', 'deleteLast'),
    key: fc.constant('a.txt'),
    fate: fc.constant('now'),
  }),
  fc.record({ kind: fc.constantFrom('repair', 'wait') }),
);

describe('any interleaving of notifications, duplicates, backfills, reconciliations, repairs and redrives', () => {
  it.each([
    ['of two objects', steps(step), fc.boolean()],
    ['of one object whose versions are begun and completed in different orders', steps(hidingStep), fc.constant(true)],
  ])(
    '%s ends, after one repair, with one record of each event, and with the current state of the bucket',
    async (...[, anySteps, anyBucket]) => {
      await fc.assert(
        fc.asyncProperty(anySteps, anyBucket, async (someSteps, isVersioned) => {
          const world = new BucketAndLedger(isVersioned);
          await world.clock.run(world.carryOut(someSteps));
          expect(world.tooMany()).toEqual([]);
          expect(world.missing()).toEqual([]);
          expect(await world.states()).toEqual(world.objects());
        }),
        { seed: 7, numRuns: 300 },
      );
    },
    120_000,
  );

  it.each([
    { order: 'repair, then redrive', steps: ['repair', 'redrive'] },
    { order: 'backfill, then redrive, then repair', steps: ['backfill', 'redrive', 'repair'] },
  ] as const)('leaves one record: $order', async ({ steps: operations }) => {
    const world = new BucketAndLedger(false);
    const put = { kind: 'put', key: 'a.txt', fate: 'dead' } as const;
    await world.clock.run(world.run([put, { kind: 'wait' }, ...operations.map((kind) => ({ kind }))]));
    expect(world.table.recordsOf(`${BUCKET}/a.txt`).map(({ source }) => source)).toEqual(['notification']);
  });
});

/** A bucket and its ledger: the operators' commands are the product's own, the consumer stores what it reads. */
class BucketAndLedger {
  readonly clock = new VirtualClock(Date.UTC(2026, 10, 22), 1);
  readonly table: SimulatedTable;
  readonly #bucket: SimulatedBucket;
  readonly #uploads: SimulatedQueue;
  readonly #deadLetters: SimulatedQueue;
  readonly #events: { readonly event: S3Event; readonly fate: Fate }[] = [];
  #late: string[] = [];
  #fate: Fate = 'now';
  #isOver = false;
  readonly #isVersioned: boolean;

  constructor(isVersioned: boolean) {
    this.#isVersioned = isVersioned;
    const { clock } = this;
    this.table = new SimulatedTable({ clock, fault: () => undefined, latency: () => 5, indexDelay: () => 0 });
    this.#uploads = new SimulatedQueue('uploads', { clock, visibilityMs: MINUTE_MS });
    this.#deadLetters = new SimulatedQueue('dead', { clock, visibilityMs: MINUTE_MS });
    const onEvent = (event: S3Event, body: string) => this.#notify(event, body);
    this.#bucket = new SimulatedBucket({ name: BUCKET, isVersioned, clock, onEvent });
  }

  /** The steps, then what is still on its way, and one repair when all is quiet. */
  async carryOut(steps: readonly Step[]): Promise<void> {
    await this.run([...steps, { kind: 'deliver' }, { kind: 'redrive' }, { kind: 'wait' }, { kind: 'repair' }]);
  }

  async run(steps: readonly Step[]): Promise<void> {
    const consuming = this.#consume();
    for (const one of steps) await this.#take(one);
    this.#isOver = true;
    await consuming;
  }

  /** Records of events that have another one, or that never happened. */
  tooMany(): string[] {
    return this.#objects().flatMap(([object, events]) => {
      const records = this.table.recordsOf(object);
      const lost = events.filter(({ fate }) => fate === 'never').map(({ event }) => event);
      const foundUploads = records.filter(({ source, status }) => source !== 'notification' && status === 'uploaded');
      const foundDeletes = records.filter(({ source, status }) => source !== 'notification' && status === 'deleted');
      const wrong = foundUploads.filter(({ etag }) => !lost.some(({ version }) => version.eTag === etag));
      // A listing has no version ids: when the upload of a version is lost, so is whether a delete was that version's. And no event tells that
      // a version is hidden from the start: a repair takes it for deleted.
      const lostDeletes = this.#isVersioned
        ? [...lost, ...overtakenVersions(events.map(({ event }) => event))]
        : lost.filter(({ eventName }) => eventName.startsWith('ObjectRemoved:'));
      return [
        ...wrong.map(({ upload_id }) => `${object} ${upload_id}`),
        ...(foundDeletes.length > lostDeletes.length ? [`${object}: ${foundDeletes.length} deletes were found`] : []),
      ];
    });
  }

  /** Events that S3 has told of, without a record of their own. */
  missing(): string[] {
    return this.#objects().flatMap(([object, events]) => {
      const records = this.table.recordsOf(object).filter(({ source }) => source === 'notification');
      const told = events.filter(({ fate }) => fate !== 'never').map(({ event }) => event.version.sequencer);
      return told.filter((sequencer) => !records.some(({ upload_id }) => upload_id.startsWith(sequencer)));
    });
  }

  /** Content of each object of the bucket; undefined where there is none. */
  objects(): Record<string, string | undefined> {
    const keys = this.#objects().map(([object]) => object.slice(BUCKET.length + 1));
    return Object.fromEntries(keys.map((key) => [key, this.#bucket.current(key)?.eTag]));
  }

  /** The same, by the ledger. */
  async states(): Promise<Record<string, string | undefined>> {
    const keys = Object.keys(this.objects());
    const table = { client: this.table.client, tableName: this.table.name, indexShards: SHARDS };
    const states = await this.clock.run(
      Promise.all(keys.map((key) => currentState(historyOf(table, BUCKET, key, { order: 'newest-first' })))),
    );
    return Object.fromEntries(keys.map((key, at) => [key, states[at]?.exists ? states[at].record.etag : undefined]));
  }

  #objects() {
    return [...Map.groupBy(this.#events, ({ event }) => `${BUCKET}/${event.version.key}`)];
  }

  #notify(event: S3Event, body: string): void {
    const fate = this.#fate;
    this.#events.push({ event, fate });
    if (fate === 'late') this.#late.push(body);
    else if (fate === 'dead') this.#deadLetters.send(body);
    else if (fate !== 'never') for (let copy = fate === 'twice' ? 2 : 1; copy > 0; copy -= 1) this.#uploads.send(body);
  }

  async #consume(): Promise<void> {
    const { settings } = this.#queues();
    while (!this.#isOver || this.#uploads.size > 0) {
      for (const { body, receipt } of this.#uploads.receive(10)) {
        const decision = decideRedrive(body, settings);
        if (decision.succeeds) for (const record of decision.records) this.table.put(toItem(record));
        this.#uploads.delete(receipt);
      }
      await this.clock.sleep(SECOND_MS);
    }
  }

  /**
   * Long ago; with versions, after what else happened to the object, because no event would tell that S3 takes another version for the
   * current one.
   */
  #initiation(): number {
    return this.clock.now() - 50 * MINUTE_MS;
  }

  async #take(one: Step): Promise<void> {
    const { clock } = this;
    if ('fate' in one) {
      this.#fate = one.fate;
      const { key } = one;
      if (one.kind === 'put') this.#bucket.put(key, 7, WHO);
      else if (one.kind === 'multipart')
        this.#bucket.completeMultipart(key, 7, WHO, { initiatedAt: this.#initiation() });
      else if (one.kind === 'deleteLast') {
        const last = this.#bucket.versionsOf(key).at(-1);
        if (last !== undefined) this.#bucket.deleteVersion(last, WHO);
      } else if (this.#bucket.current(key) !== undefined) this.#bucket.delete(key, WHO);
      await clock.sleep(20);
      return;
    }
    if (one.kind === 'wait') await clock.sleep(5 * MINUTE_MS);
    else if (one.kind === 'deliver') for (const body of this.#late.splice(0)) this.#uploads.send(body);
    else if (one.kind === 'backfill') await this.#backfill();
    else if (one.kind === 'redrive') await redrive({ ...this.#queues(), all: false, dryRun: false });
    else await this.#reconcile(one.kind === 'repair');
  }

  /** Without any grace, which is the worst that an operator can do. */
  async #backfill(): Promise<void> {
    await backfill({
      ...this.#bucketCommand('backfill'),
      objects: listBucket({ client: this.#bucket.client, bucket: BUCKET }),
    });
  }

  async #reconcile(repair: boolean): Promise<void> {
    const options = { ...this.#bucketCommand('reconcile'), client: this.#bucket.client, bucket: BUCKET, repair };
    for await (const _ of reconcile(options));
  }

  #bucketCommand(source: 'backfill' | 'reconcile') {
    const { clock, table } = this;
    return {
      clock,
      table: { client: table.client, tableName: table.name, indexShards: SHARDS },
      settings: { uploads: {}, records: { indexShards: SHARDS, source } },
      graceMilliseconds: 0,
      startedAt: new Date(clock.now()),
    };
  }

  #queues(): LedgerQueues {
    const { clock, table } = this;
    const sqs = new SimulatedSqs({ clock, queues: [this.#uploads, this.#deadLetters] }).connect() as SQSClient;
    const resources = {
      queueUrl: 'uploads',
      deadLetterQueueUrl: 'dead',
      tableName: table.name,
      indexShards: SHARDS,
    };
    return ledgerQueues({ sqs, dynamodb: async () => table.client as DynamoDBClient, resources, clock });
  }
}
