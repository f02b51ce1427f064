import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SEED } from '../../builders/arbitraries.ts';
import { type DynamoDBServer, startDynamoDB } from '../../ledger/dynamodb-server.ts';
import { records } from '../records.ts';
import { DigestStack, LONGEST_INVOCATION_MS } from './digest-stack.ts';

/** Milliseconds. Schedules are due on the quarter of an hour. */
const DUE_EVERY = 15 * 60_000;

interface Batch {
  readonly uploads: number;
  readonly bytes: number;
  readonly failed: number;
  /** Milliseconds from the summary's stamp to its being stored. */
  readonly storedAfter: number;
}

/**
 * What can happen to a stack. `due` counts schedules that were due before the present: 0 is in time, 3 is late.
 */
type Happening =
  | { readonly kind: 'pass'; readonly milliseconds: number }
  | ({ readonly kind: 'batch' } & Batch)
  | { readonly kind: 'ticks'; readonly due: readonly number[]; readonly sendingFails: boolean };

const happenings: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({
    kind: fc.constant('pass' as const),
    // The lengths at which windows begin and end, and any other.
    milliseconds: fc.oneof(
      fc.constantFrom(
        1,
        LONGEST_INVOCATION_MS - 1,
        LONGEST_INVOCATION_MS,
        DUE_EVERY - LONGEST_INVOCATION_MS,
        DUE_EVERY,
      ),
      fc.nat(DUE_EVERY * 3),
    ),
  }),
  fc.record({
    kind: fc.constant('batch' as const),
    uploads: fc.nat(5),
    bytes: fc.nat(2 ** 30),
    failed: fc.constantFrom(0, 0, 1),
    storedAfter: fc.oneof(fc.constantFrom(0, LONGEST_INVOCATION_MS), fc.nat(LONGEST_INVOCATION_MS)),
  }),
  fc.record({
    kind: fc.constant('ticks' as const),
    // Several at once: what happens to them together must come out as if one had been first.
    due: fc.array(fc.nat(5), { minLength: 1, maxLength: 3 }),
    sendingFails: fc.boolean(),
  }),
);

/** A stack with batches that are being stored, and what the digests have to report in the end. */
interface Run {
  readonly stack: DigestStack;
  readonly minimumUploads: number;
  readonly stored: Sum;
  /** Summaries that are stamped and not yet stored. */
  pending: Pending[];
}

interface Pending {
  readonly due: number;
  readonly stamp: number;
  readonly batch: Batch;
}

interface Sum {
  uploads: number;
  bytes: number;
  failed: number;
  batches: number;
}

let server: DynamoDBServer;
beforeAll(async () => {
  server = await startDynamoDB();
});
afterAll(() => server.close());

describe('handleTick', () => {
  it('reports every batch once, whatever the sequence of batches and of late, missed, repeated and failing ticks', async () => {
    const script = fc.record({ steps: fc.array(happenings, { maxLength: 15 }), minimumUploads: fc.constantFrom(1, 6) });
    await fc.assert(
      fc.asyncProperty(script, async ({ steps, minimumUploads }) => {
        const run = startRun(minimumUploads);
        await run.stack.tick({ digest: { minimumUploads } });
        for (const step of steps) await happen(run, step);
        await bringUpToDate(run);
        expect(reported(run.stack)).toEqual(run.stored);
        expect(windowsFollowEachOther(run.stack)).toBe(true);
      }),
      { seed: SEED, numRuns: 60 },
    );
  });
});

function startRun(minimumUploads: number): Run {
  const stored = { uploads: 0, bytes: 0, failed: 0, batches: 0 };
  return { stack: new DigestStack(server), minimumUploads, stored, pending: [] };
}

async function happen(run: Run, step: Happening): Promise<void> {
  switch (step.kind) {
    case 'pass':
      return pass(run, step.milliseconds);
    case 'batch':
      run.pending.push({ batch: step, stamp: run.stack.time, due: run.stack.time + step.storedAfter });
      return pass(run, 0);
    case 'ticks':
      return tick(run, step.due, step.sendingFails);
  }
}

/** Lets time pass, and stores what is due by then. */
async function pass(run: Run, milliseconds: number): Promise<void> {
  run.stack.time += milliseconds;
  const due = run.pending.filter((summary) => summary.due <= run.stack.time);
  run.pending = run.pending.filter((summary) => !due.includes(summary));
  for (const { batch, stamp } of due) await store(run, batch, stamp);
}

async function store({ stack, stored }: Run, { uploads, bytes, failed }: Batch, stamp: number): Promise<void> {
  const batch = records(uploads, () => ({ filesize: bytes }));
  await stack.batch(batch, { failed, now: stamp });
  stored.uploads += uploads;
  stored.bytes += uploads * bytes;
  stored.failed += failed;
  stored.batches += uploads + failed > 0 ? 1 : 0;
}

async function tick({ stack, minimumUploads }: Run, due: readonly number[], sendingFails: boolean): Promise<void> {
  stack.sending = async () => {
    if (sendingFails) throw new Error('SES is down');
  };
  const lastDue = Math.floor(stack.time / DUE_EVERY) * DUE_EVERY;
  const times = due.map((before) => new Date(lastDue - before * DUE_EVERY).toISOString());
  await Promise.allSettled(times.map((scheduledTime) => stack.tick({ scheduledTime, digest: { minimumUploads } })));
}

/** A last batch makes sure that there is something to report; it is not counted. */
async function bringUpToDate(run: Run): Promise<void> {
  await pass(run, LONGEST_INVOCATION_MS);
  run.stack.sending = async () => undefined;
  await run.stack.batch([], { quarantined: 1 });
  await pass(run, LONGEST_INVOCATION_MS);
  await run.stack.tick();
}

function reported({ sent }: DigestStack): Sum {
  const sum = { uploads: 0, bytes: 0, failed: 0, batches: 0 };
  for (const { summary, batches } of sent) {
    sum.uploads += summary.uploads.count;
    sum.bytes += summary.uploads.bytes;
    sum.failed += summary.failed;
    sum.batches += batches - summary.quarantined;
  }
  return sum;
}

function windowsFollowEachOther({ sent }: DigestStack): boolean {
  return sent.every(({ since, until }, at) => since < until && (sent[at - 1]?.until ?? since) <= since);
}
