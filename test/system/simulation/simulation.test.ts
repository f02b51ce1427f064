import { describe, expect, it } from 'vitest';
import template from '../../infra/golden/default.template.json' with { type: 'json' };
import { DEPLOYMENT } from './plans/deployment.ts';
import { drawPlan } from './plans/draw-plan.ts';
import { CURED, isKnown, KNOWN_VIOLATIONS } from './plans/known-violations.ts';
import type { Plan } from './plans/plan.ts';
import { shrinkPlan } from './plans/shrink-plan.ts';
import { simulate } from './simulate.ts';

const SEEDS = Array.from({ length: 16 }, (_, index) => index + 1);

async function newViolations(plan: Plan): Promise<string[]> {
  const { violations, histories } = await simulate(plan);
  return violations
    .filter((violation) => !isKnown(violation))
    .flatMap(({ promise, what, object = '' }) => [`${promise}: ${what}`, ...(histories.get(object) ?? [])]);
}

describe('a simulated day', () => {
  it.each(SEEDS)('breaks no promise but those that are known, whatever goes wrong (seed %i)', async (seed) => {
    expect(await newViolations(drawPlan(seed, { days: 1, perDay: 150 }))).toEqual([]);
  });

  it('breaks no promise at all where nothing is deleted and nothing is down', async () => {
    const workloads = [
      { kind: 'bursts', everyHours: 2, uploads: 50 },
      { kind: 'poison', perDay: 20 },
    ] as const;
    const { violations } = await simulate({ seed: 1, days: 0.5, workloads });
    expect(violations).toEqual([]);
  });

  it('is the same day again with the same seed, and another one with another', async () => {
    const plans = [7, 7, 8].map((seed) => ({ ...drawPlan(7, { days: 0.5, perDay: 200 }), seed }));
    const [first, again, other] = (await Promise.all(plans.map(simulate))).map(({ traceHash }) => traceHash);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  it('has the settings of the stack by default', () => {
    const [consumer, uploads, deadLetters] = [
      resource('AWS::Lambda::EventSourceMapping'),
      resource('AWS::SQS::Queue', ({ RedrivePolicy }) => RedrivePolicy !== undefined),
      resource('AWS::SQS::Queue', ({ RedrivePolicy }) => RedrivePolicy === undefined),
    ];
    expect(DEPLOYMENT).toMatchObject({
      batchSize: consumer.BatchSize,
      batchWindowSeconds: consumer.MaximumBatchingWindowInSeconds,
      concurrency: (consumer.ScalingConfig as { MaximumConcurrency: number }).MaximumConcurrency,
      timeoutSeconds: resource('AWS::Lambda::Function').Timeout,
      visibilitySeconds: uploads.VisibilityTimeout,
      maxReceiveCount: (uploads.RedrivePolicy as { maxReceiveCount: number }).maxReceiveCount,
      retentionDays: Number(uploads.MessageRetentionPeriod) / 86_400,
      deadLetterDays: Number(deadLetters.MessageRetentionPeriod) / 86_400,
    });
  });
});

type Properties = Readonly<Record<string, unknown>>;

function resource(type: string, isWanted: (properties: Properties) => boolean = () => true): Properties {
  const resources = Object.values(template.Resources) as { readonly Type: string; readonly Properties?: Properties }[];
  const found = resources.filter(({ Type, Properties = {} }) => Type === type && isWanted(Properties));
  expect(found).toHaveLength(1);
  return found[0]?.Properties ?? {};
}

describe.each(KNOWN_VIOLATIONS)('what is known to be wrong: $what', ({ promise, because, seeds, plan }) => {
  it('is found, or else its entry in the list of known violations has to go', async () => {
    const { violations } = await simulate({ ...plan, seed: seeds[0] });
    const found = violations.map((violation) => `${violation.promise} (${violation.because})`);
    expect(found, 'No longer found: delete its entry from known-violations.ts.').toContain(`${promise} (${because})`);
  });
});

describe.each(CURED)('what was wrong once: $what', ({ seeds, plan }) => {
  it('is right', async () => {
    expect(await newViolations({ ...plan, seed: seeds[0] })).toEqual([]);
  });
});

describe('the search for the shortest plan', () => {
  const violation = { promise: 'only poison is dead', because: 'retries-used-up', what: '' } as const;
  const plan: Plan = {
    ...drawPlan(3, { days: 1, perDay: 150 }),
    outages: [
      { kind: 'email', atHours: 3, hours: 0.1 },
      { kind: 'table', atHours: 8, hours: 1 },
    ],
    // As it was before messages were tried for a day.
    deployment: { maxReceiveCount: 5, batchSize: 10 },
  };

  it('keeps what breaks the promise, leaves out what does not, and breaks it every time', async () => {
    const violations = async (smaller: Plan) => (await simulate(smaller)).violations;
    const shortest = await shrinkPlan(plan, violation, { violations, maxTries: 40 });
    expect(shortest.outages).toEqual([{ kind: 'table', atHours: 8, hours: 1 }]);
    expect(shortest.workloads).toHaveLength(1);
    expect(shortest.deployment).toEqual({ maxReceiveCount: 5 });
    const [first, second] = [await simulate(shortest), await simulate(shortest)];
    expect(first.violations.map(({ promise }) => promise)).toContain(violation.promise);
    expect(second).toEqual(first);
  });

  it('makes no more tries than it may', async () => {
    let tries = 0;
    const violations = async () => {
      tries += 1;
      return [violation];
    };
    await shrinkPlan(plan, violation, { violations, maxTries: 5 });
    expect(tries).toBe(5);
  });
});
