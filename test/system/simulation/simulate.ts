import { DynamoDBServiceException } from '@aws-sdk/client-dynamodb';
import { digestTickInput, tickMessageAt } from '../../../src/contract/digest-tick.ts';
import { redrive } from '../../../src/dead-letters/redrive.ts';
import { reconcile } from '../../../src/ledger/reconcile/reconcile.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../src/shared/time.ts';
import { differencesOfDigests, type Violation } from './model.ts';
import { type Deployment, type Noise, type OutageKind, QUIET, World } from './world.ts';

export interface Outage {
  readonly kind: OutageKind;
  /** Milliseconds after the start of the simulation. */
  readonly at: number;
  readonly milliseconds: number;
}

export interface SimulationOptions {
  readonly seed: number;
  readonly days: number;
  /** Uploads a day, over all. */
  readonly perDay: number;
  readonly isVersioned?: boolean;
  readonly outages?: readonly Outage[];
  readonly noise?: Partial<Noise>;
  readonly deployment?: Partial<Deployment>;
  /** Uploads that a digest waits for. @default 1 */
  readonly minimumUploads?: number;
  /** Hours after which a lifecycle rule expires an object. @default never */
  readonly expiresAfterHours?: number;
  /** Share of messages that nobody can read. @default 0 */
  readonly poison?: number;
  /** Whether somebody runs `reconcile --repair` and `dlq redrive` now and then. @default false */
  readonly operator?: boolean;
}

export interface SimulationReport {
  readonly uploads: number;
  readonly invocations: number;
  readonly faults: ReadonlyMap<string, number>;
  readonly peakBacklog: number;
  /** Milliseconds from the end of the last outage, or of the workload, until nothing waited any more. */
  readonly drainedAfter: number;
  readonly deadLetters: number;
  readonly digests: number;
  readonly alerts: number;
  readonly violations: readonly Violation[];
  readonly traceHash: string;
  /** What happened to the objects of the violations. */
  readonly histories: ReadonlyMap<string, readonly string[]>;
}

/** The defaults of the stack. A test holds them against the synthesized template. */
export const DEPLOYMENT: Deployment = {
  batchSize: 100,
  batchWindowSeconds: 5,
  concurrency: 10,
  timeoutSeconds: 30,
  visibilitySeconds: 185,
  retentionDays: 14,
  maxReceiveCount: 5,
  indexShards: 8,
  alertsPerMinute: 10,
  alerts: [],
};

const STARTS_AT = Date.parse('2026-03-01T00:00:00Z');
/** Longest that a backlog may take to drain when nothing is wrong any more. */
const MAX_DRAIN_MS = 3 * DAY_MS;
const PEOPLE = ['alice', 'bob', 'carol', 'dave', 'erin'] as const;
const DIGEST = 'daily';

/**
 * Runs the workload of so many days against the product's own code, then checks what it left behind. The same options give the same
 * run, event by event.
 */
export async function simulate(options: SimulationOptions): Promise<SimulationReport> {
  const world = new World({
    seed: options.seed,
    startsAt: STARTS_AT,
    isVersioned: options.isVersioned ?? false,
    deployment: { ...DEPLOYMENT, ...options.deployment },
    noise: { ...QUIET, ...options.noise },
  });
  return world.clock.run(run(world, options));
}

async function run(world: World, options: SimulationOptions): Promise<SimulationReport> {
  const { clock } = world;
  const endsAt = STARTS_AT + options.days * DAY_MS;
  const outages = options.outages ?? [];
  const poison = { sent: 0 };
  await Promise.all([
    upload(world, options, endsAt, poison),
    tick(world, options, endsAt),
    ...(options.operator ? [operate(world, endsAt)] : []),
    ...outages.map((outage) => suffer(world, outage)),
  ]);
  const calmSince = clock.now();
  while (!world.isDrained && clock.now() < calmSince + MAX_DRAIN_MS) await clock.sleep(10 * SECOND_MS);
  const drainedAfter = clock.now() - calmSince;
  // What was recorded last is settled when the longest invocation is over; the digest after that tells of it.
  await clock.sleep(2 * MINUTE_MS);
  sendTick(world, options);
  await clock.sleep(20 * MINUTE_MS);
  await world.consumer.stop();
  return report(world, drainedAfter, poison.sent);
}

/** Uploads, overwrites, copies, multipart uploads and deletes: quiet nights, busy days, a burst now and then. */
async function upload(
  world: World,
  options: SimulationOptions,
  endsAt: number,
  poison: { sent: number },
): Promise<void> {
  const { clock, bucket } = world;
  let made = 0;
  const keys: string[] = [];
  const uploadOne = () => {
    const isNew = keys.length < 10 || clock.random() < 0.8;
    if (isNew) made += 1;
    const key = isNew ? `files/${made} ü+%.txt` : (keys[Math.floor(clock.random() * keys.length)] ?? 'files/0');
    if (isNew && keys.length < 10_000) keys.push(key);
    const size = Math.floor(clock.random() * 1_000_000);
    const who = `AWS:AROAEXAMPLE:${PEOPLE[Math.floor(clock.random() * PEOPLE.length)]}`;
    const kind = clock.random();
    if (kind < 0.9) bucket.put(key, size, who);
    else if (kind < 0.95) bucket.put(key, size, who, 'Copy');
    else bucket.completeMultipart(key, size, who, clock.now() - clock.random() * HOUR_MS);
    expireLater(world, key, options);
    if (clock.random() < 0.05) bucket.delete(keys[Math.floor(clock.random() * keys.length)] ?? key, who);
    if (clock.random() < (options.poison ?? 0)) {
      poison.sent += 1;
      world.uploads.send(`noise ${poison.sent}`);
    }
  };
  const perHour = options.perDay / 24;
  while (clock.now() < endsAt) {
    const hour = new Date(clock.now()).getUTCHours();
    const share = hour < 6 ? 0.1 : 1.3;
    if (clock.random() < 0.001)
      for (let burst = Math.min(5_000, options.perDay / 2); burst > 0; burst -= 1) uploadOne();
    uploadOne();
    await clock.sleep((-Math.log(1 - clock.random()) * HOUR_MS) / (perHour * share));
  }
}

function expireLater({ clock, bucket }: World, key: string, { expiresAfterHours }: SimulationOptions): void {
  if (expiresAfterHours === undefined) return;
  const version = bucket.current(key);
  clock.after(expiresAfterHours * HOUR_MS, () => {
    if (bucket.current(key)?.sequencer === version?.sequencer) bucket.expire(key);
  });
}

/** Scheduler's ticks, one an hour: now and then late, twice, or not at all. */
async function tick(world: World, options: SimulationOptions, endsAt: number): Promise<void> {
  const { clock } = world;
  while (clock.now() < endsAt) {
    await clock.sleep(HOUR_MS);
    const chance = clock.random();
    if (chance < 0.02) continue;
    if (chance < 0.04) sendTick(world, options);
    if (chance > 0.98) await clock.sleep(clock.random() * 10 * MINUTE_MS);
    sendTick(world, options);
  }
}

function sendTick({ clock, uploads }: World, { minimumUploads = 1 }: SimulationOptions): void {
  const digest = { name: DIGEST, recipients: ['team@example.com'], timeZone: 'UTC', minimumUploads };
  uploads.send(tickMessageAt(digestTickInput(digest), clock.now()));
}

async function suffer(world: World, { kind, at, milliseconds }: Outage): Promise<void> {
  await world.clock.sleep(at);
  world.startOutage(kind);
  await world.clock.sleep(milliseconds);
  world.endOutage(kind);
}

/** Somebody who repairs and redrives, each at some moment of the day, as the commands do by default. */
async function operate(world: World, endsAt: number): Promise<void> {
  const { clock } = world;
  while (clock.now() < endsAt) {
    await clock.sleep(clock.random() * DAY_MS);
    await attempt(world, 'repairs', () => repair(world));
    await clock.sleep(clock.random() * HOUR_MS);
    await attempt(world, 'redrives', () => redrive({ ...world.queues(), all: false, dryRun: false }));
  }
}

/** A command can fail, as during an outage; then the operator tries again another time. */
async function attempt(world: World, what: string, command: () => Promise<unknown>): Promise<void> {
  world.trace('operator', what);
  try {
    await command();
  } catch (error) {
    if (!(error instanceof DynamoDBServiceException)) throw error;
    world.trace('operator failed', error.name);
  }
}

async function repair(world: World): Promise<void> {
  const { clock, table, bucket } = world;
  const findings = reconcile({
    clock,
    table: { client: table.client, tableName: table.name, indexShards: 8 },
    client: bucket.client,
    bucket: bucket.name,
    settings: { uploads: {}, records: { indexShards: 8, source: 'reconcile' } },
    repair: true,
    graceMilliseconds: 15 * MINUTE_MS,
    startedAt: new Date(clock.now()),
  });
  for await (const finding of findings) world.trace('repaired', finding.kind, finding.key);
}

function report(world: World, drainedAfter: number, poison: number): SimulationReport {
  const { model, table, deadLetters, digests } = world;
  const violations: Violation[] = [
    ...model.checkRecords(table),
    ...differencesOfDigests(model, digests, world.consumer.returns + (world.faults.get('notification twice') ?? 0)),
  ];
  if (deadLetters.size !== poison) {
    const what = `expected ${poison} dead letters, the poison; got ${deadLetters.size}`;
    violations.push({ promise: 'nothing is dead but poison', what });
  }
  if (!world.isDrained)
    violations.push({ promise: 'every event has its record', what: `${world.uploads.size} messages still wait` });
  const objects = violations.flatMap(({ object }) => object ?? []).slice(0, 3);
  return {
    uploads: model.uploads,
    invocations: world.consumer.invocations,
    faults: world.faults,
    peakBacklog: world.uploads.peak,
    drainedAfter,
    deadLetters: deadLetters.size,
    digests: digests.length,
    alerts: world.alerts.length,
    violations,
    traceHash: world.traceHash(),
    histories: new Map(objects.map((object) => [object, model.history(object, table)])),
  };
}
