/**
 * `npm run lab -- waits [rates|drain|outage|killer]`: how long messages wait at the default settings, measured with the product's own code
 * on the simulator's clock. All four parts by default; some minutes.
 */
import type { SQSEvent } from 'aws-lambda';
import { formatCount, formatDuration } from '../../src/shared/format.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/shared/time.ts';
import { s3EventRecord, s3Message } from '../builders/s3-event.ts';
import { DEPLOYMENT } from '../system/simulation/plans/deployment.ts';
import type { Plan } from '../system/simulation/plans/plan.ts';
import { handleWithProduct } from '../system/simulation/product.ts';
import type { Invocation } from '../system/simulation/services/invocation.ts';
import { World } from '../system/simulation/world.ts';

/** Milliseconds of processor time that a message takes of an environment of 512 MB, which has 29 % of a processor. */
const CPU_MS = 0.2;
/** Writes that a new table on demand takes. Source: DynamoDB developer guide, "On-demand mode". */
const NEW_TABLE = 4_000;
/** A body for which the function is killed when its time is up. */
const KILLER = '{"Records":"killer"}';
/** What an outage is scaled down by: messages, those in flight and environments alike. */
const OUTAGE_SCALE = 10;

/** What a run was like for the messages that were sent. */
class Waits {
  /** Milliseconds from each message's arrival in the queue to its end. */
  readonly delays: number[] = [];
  /** Messages that were received more than once, by how often. */
  readonly receives = new Map<number, number>();
  /** Milliseconds of all invocations together. */
  running = 0;
  readonly world: World;
  #sent = 0;

  constructor(plan: Partial<Plan> = {}) {
    this.world = new World({ seed: 1, days: 1, workloads: [], ...plan }, (world, event, invocation) =>
      this.#handle(world, event, invocation),
    );
  }

  send(messages = 1): void {
    for (let count = 0; count < messages; count += 1) {
      this.#sent += 1;
      const sequencer = this.#sent.toString(16).padStart(16, '0');
      const record = s3EventRecord({ key: `files/${this.#sent}.pdf`, object: { sequencer } });
      this.world.uploads.send(s3Message(record));
    }
  }

  /** Sends one message after the other. */
  async sendEvery(milliseconds: number, forMs: number): Promise<void> {
    const { clock } = this.world;
    for (const endsAt = clock.monotonic() + forMs; clock.monotonic() < endsAt; ) {
      this.send();
      await clock.sleep(milliseconds);
    }
  }

  async drain(): Promise<void> {
    while (!this.world.isDrained) await this.world.clock.sleep(SECOND_MS / 10);
  }

  /** Lets the work happen on the world's clock. */
  run(work: () => Promise<void>): Promise<void> {
    return this.world.clock.run(work());
  }

  get tableCalls(): string {
    return [...this.world.table.calls].map(([operation, calls]) => `${formatCount(calls)} ${operation}`).join(', ');
  }

  async #handle(world: World, event: SQSEvent, invocation: Invocation) {
    const { clock } = world;
    const startedAt = clock.now();
    if (event.Records.some(({ body }) => body === KILLER)) return new Promise<never>(() => undefined);
    await clock.sleep(event.Records.length * CPU_MS);
    const answer = await handleWithProduct(world, event, invocation);
    this.running += clock.now() - startedAt;
    const failed = new Set(answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    for (const { messageId, attributes } of event.Records) {
      if (failed.has(messageId)) continue;
      this.delays.push(clock.now() - Number(attributes.SentTimestamp));
      const receives = Number(attributes.ApproximateReceiveCount);
      if (receives > 1) this.receives.set(receives, (this.receives.get(receives) ?? 0) + 1);
    }
    return answer;
  }
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

const seconds = (milliseconds: number) => `${(milliseconds / SECOND_MS).toFixed(2)} s`;

async function measureRates(): Promise<void> {
  print('From the queue to the record, at the default settings');
  for (const [what, everyMs, forMs] of [
    ['1 upload a minute', MINUTE_MS, 12 * HOUR_MS],
    ['1 upload a second', SECOND_MS, HOUR_MS],
    ['10 uploads a second', SECOND_MS / 10, 10 * MINUTE_MS],
    ['100 uploads a second', SECOND_MS / 100, 3 * MINUTE_MS],
    ['1,000 uploads a second', 1, 2 * MINUTE_MS],
  ] as const) {
    const waits = new Waits({ limits: { tableWritesPerSecond: NEW_TABLE } });
    await waits.run(async () => {
      await waits.sendEvery(everyMs, forMs);
      await waits.drain();
    });
    const [p50, p99] = [0.5, 0.99].map((share) => seconds(percentile(waits.delays, share)));
    const { invocations } = waits.world.consumer;
    const full = (waits.delays.length / invocations).toFixed(1);
    print(`  ${what}: p50 ${p50}, p99 ${p99}; ${formatCount(waits.delays.length)} messages, ${full} a batch`);
  }
}

async function measureDrain(): Promise<void> {
  const waits = new Waits({ limits: { tableWritesPerSecond: NEW_TABLE } });
  const { clock, consumer } = waits.world;
  const startedAt = clock.now();
  await waits.run(async () => {
    waits.send(100_000);
    await waits.drain();
  });
  print('100,000 waiting messages, a new table of 4,000 writes a second');
  print(`  drained in ${seconds(clock.now() - startedAt)}: ${formatCount(consumer.invocations)} invocations`);
  print(`  calls: ${waits.tableCalls}; ${formatCount(consumer.returns)} messages came back`);
}

async function measureOutage(what: string, plan: Partial<Plan>): Promise<void> {
  const deployment = { concurrency: DEPLOYMENT.concurrency / OUTAGE_SCALE };
  const waits = new Waits({ ...plan, deployment, limits: { maxInFlight: 120_000 / OUTAGE_SCALE } });
  const { clock, consumer } = waits.world;
  if (plan.noise === undefined) waits.world.startOutage('table');
  await waits.run(async () => {
    waits.send(1_000_000 / OUTAGE_SCALE);
    await clock.sleep(HOUR_MS);
  });
  print(
    `An hour of a table that ${what}, ${formatCount(1_000_000 / OUTAGE_SCALE)} messages waiting (a million scaled down by ${OUTAGE_SCALE})`,
  );
  const { invocations, returns } = consumer;
  print(
    `  ${formatCount(invocations)} invocations of ${seconds(waits.running / invocations)}, ${formatCount(returns)} returns`,
  );
  print(`  calls: ${waits.tableCalls}`);
}

async function measureKiller(what: string, everyMs: number, forMs: number): Promise<void> {
  const waits = new Waits();
  const { uploads, deadLetters, consumer } = waits.world;
  await waits.run(async () => {
    uploads.send(KILLER);
    await waits.sendEvery(everyMs, forMs);
    await waits.world.clock.sleep(HOUR_MS);
  });
  const late = waits.delays.filter((delay) => delay > DEPLOYMENT.visibilitySeconds * SECOND_MS);
  const repeats = [...waits.receives]
    .sort(([a], [b]) => a - b)
    .map(([receives, count]) => `${formatCount(count)} of ${receives}`);
  print(`A message that kills the function, ${what} beside it for ${formatDuration(forMs)}`);
  print(`  ${formatCount(consumer.failures)} killed invocations; dead letters: ${deadLetters.size}`);
  print(
    `  ${formatCount(late.length)} of ${formatCount(waits.delays.length)} neighbours came back; receives: ${repeats.join(', ')}`,
  );
  print(
    `  their delay: p50 ${seconds(percentile(late, 0.5))}, most ${seconds(late.reduce((most, delay) => Math.max(most, delay), 0))}`,
  );
}

const PARTS: Readonly<Record<string, () => Promise<void>>> = {
  rates: measureRates,
  drain: measureDrain,
  outage: async () => {
    await measureOutage('refuses every call', {});
    await measureOutage('does not answer', { noise: { stalled: 1 } });
  },
  killer: async () => {
    await measureKiller('1 upload a second', SECOND_MS, DAY_MS);
    await measureKiller('100 uploads a second', SECOND_MS / 100, HOUR_MS / 4);
  },
};

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !(name in PARTS));
if (unknown !== undefined) {
  process.stderr.write(`Expected parts among ${Object.keys(PARTS).join(', ')}; got ${unknown}.\n`);
  process.exitCode = 2;
} else
  for (const [name, measure] of Object.entries(PARTS))
    if (wanted.length === 0 || wanted.includes(name)) await measure();
