import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { s3EventRecord, s3Message } from '../builders/s3-event.ts';
import { modelItem } from '../system/chaos/model-record.ts';
import { type CallFate, MemoryStack, SHARDS, type Trouble } from './memory-stack.ts';

const BUCKET = 'acme-uploads';
const UPLOADER = 'alice';

/** One upload: keys are few, so that objects have histories. */
interface Change {
  readonly key: string;
  readonly number: number;
  readonly size: number;
}

const change: fc.Arbitrary<Change> = fc.record({
  key: fc.constantFrom('a.txt', 'b/ü +%.png', 'c', 'd/é/.hidden', '=1+1.csv'),
  number: fc.nat(60),
  size: fc.constant(7),
});

const callFate: fc.Arbitrary<CallFate> = fc.oneof(
  { weight: 3, arbitrary: fc.nat(3) },
  { weight: 2, arbitrary: fc.constantFrom('refused', 'throttled', 'answer-lost') },
);

const trouble: fc.Arbitrary<Trouble> = fc.record({
  calls: fc.array(callFate, { maxLength: 4 }),
  deadLettersDown: fc.boolean(),
  dies: fc.boolean(),
});

const POISON = ['', 'no JSON', '{}', '{"Records":[]}', s3Message(s3EventRecord({ encodedKey: '100%' }))];

type Step =
  | { readonly kind: 'upload'; readonly change: Change; readonly copies: number }
  | { readonly kind: 'poison'; readonly body: string }
  | { readonly kind: 'deliver'; readonly places: readonly number[]; readonly trouble: Trouble; readonly twice: boolean }
  | { readonly kind: 'redrive' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('upload'), change, copies: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('poison'), body: fc.constantFrom(...POISON) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('deliver'),
      places: fc.array(fc.nat(100), { minLength: 1, maxLength: 40 }),
      trouble,
      twice: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('redrive') }) },
) as fc.Arbitrary<Step>;

const KINDNESS: Trouble = { calls: [], deadLettersDown: false, dies: false };

describe('any interleaving of duplicates, failures, deaths and redrives', () => {
  it('ends in the same table and the same dead letters as without them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (steps) => {
        const stack = new MemoryStack();
        for (const one of steps) await carryOut(one, stack);
        await settle(stack);
        expect(new Set(stack.table.values())).toEqual(new Set(wantedItems(steps)));
        expect(stack.spoiltCalls).toBe(0);
        expect(stack.table.size).toBe(wantedItems(steps).length);
        const poison = steps.flatMap((one) => (one.kind === 'poison' ? [one.body] : []));
        expect(new Set(stack.deadLetters.map(({ body }) => body))).toEqual(new Set(poison));
      }),
      { seed: 20, numRuns: 500 },
    );
  }, 60_000);

  it('quarantines a message once when nothing goes wrong', async () => {
    const stack = new MemoryStack();
    for (const body of POISON) stack.send(body);
    await stack.deliver([0, 1, 2, 3, 4], KINDNESS);
    expect(stack.deadLetters.map(({ body }) => body)).toEqual(POISON);
    expect(stack.waiting).toBe(0);
  });
});

async function carryOut(one: Step, stack: MemoryStack): Promise<void> {
  if (one.kind === 'upload') for (let copy = 0; copy < one.copies; copy += 1) stack.send(bodyOf(one.change));
  else if (one.kind === 'poison') stack.send(one.body);
  else if (one.kind === 'redrive') stack.redrive(() => true);
  else if (stack.waiting > 0) await stack.deliver(one.places, one.trouble, one.twice);
}

/** Redrives what no reason speaks against, and lets everything be recorded in peace. */
async function settle(stack: MemoryStack): Promise<void> {
  stack.redrive(({ reason }) => reason === undefined);
  const all = Array.from({ length: stack.waiting }, (_, place) => place);
  if (all.length > 0) await stack.deliver(all, KINDNESS);
  expect(stack.waiting).toBe(0);
}

function bodyOf({ key, number, size }: Change): string {
  return s3Message(
    s3EventRecord({
      key,
      bucket: BUCKET,
      eventTime: timeOf(number),
      principalId: `AWS:AROAEXAMPLE:${UPLOADER}`,
      object: { sequencer: sequencerOf(number), size },
    }),
  );
}

/** By the chaos run's model, which shares nothing with the product. */
function wantedItems(steps: readonly Step[]): readonly object[] {
  const changes = steps.flatMap((one) => (one.kind === 'upload' ? [one.change] : []));
  const different = new Map(changes.map((one) => [`${one.number} ${one.key}`, one]));
  return [...different.values()].map(({ key, number, size }) =>
    modelItem(
      {
        bucket: BUCKET,
        key,
        eventName: 'ObjectCreated:Put',
        eventTime: timeOf(number),
        sequencer: sequencerOf(number),
        region: 'eu-central-1',
        uploader: UPLOADER,
        sourceIp: '203.0.113.7',
        requestId: '7F3K2M9QPLR8XAMP',
        eTag: '9b2cf535f27731c974343645a3985328',
        size,
      },
      SHARDS,
    ),
  );
}

function timeOf(number: number): string {
  return new Date(Date.UTC(2026, 10, 22) + number).toISOString();
}

function sequencerOf(number: number): string {
  return `0067B2F0A4${number.toString(16).toUpperCase().padStart(8, '0')}`;
}
