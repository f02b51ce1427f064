import { pick, type Random, seededRandom } from '../../../../src/shared/seeded-random.ts';
import type { Deployment, DeploymentChange } from './deployment.ts';
import type { Plan } from './plan.ts';
import { type Noise, type Outage, USUAL_OF_EVENTS, USUAL_WITHOUT_EVENTS } from './trouble.ts';
import type { WorkloadSpec } from './workload-specs.ts';

export interface DrawOptions {
  readonly days: number;
  /** Uploads a day, by and large. */
  readonly perDay: number;
}

const RECIPIENTS = ['ops@example.com'];
const INVOICES = { name: 'invoices', prefix: 'invoices/', recipients: RECIPIENTS };
const LARGE = { name: 'large', minimumBytes: 900_000, recipients: RECIPIENTS };
const EVERYTHING = { name: 'everything', everything: true, recipients: RECIPIENTS };

/**
 * A plan of which the seed decides everything that is not given. Each plan leaves out about half of what there is: what hides behind
 * one feature shows where that is missing.
 */
export function drawPlan(seed: number, { days, perDay }: DrawOptions): Plan {
  // The run itself begins with the same seed: it must not repeat these numbers.
  const random = seededRandom(seed ^ 0x5eed);
  const isVersioned = random() < 0.5;
  const plan = {
    seed,
    days,
    isVersioned,
    workloads: drawWorkloads(random, { days, perDay }, isVersioned),
    outages: drawOutages(random, days),
    noise: drawNoise(random, USUAL_WITHOUT_EVENTS),
    deployment: drawDeployment(random),
  };
  return random() < 0.4 ? withEvents(plan, random) : plan;
}

function drawWorkloads(random: Random, { days, perDay }: DrawOptions, isVersioned: boolean): WorkloadSpec[] {
  const maybe = (share: number, spec: () => WorkloadSpec) => (random() < share ? [spec()] : []);
  const between = (from: number, to: number) => Math.round(from + random() * (to - from));
  return [
    { kind: 'steady', perDay },
    ...maybe(0.3, () => ({ kind: 'bursts', everyHours: 24, uploads: between(1, perDay) })),
    ...maybe(0.4, () => ({ kind: 'busy-uploader', perDay: between(perDay / 20, perDay / 2) })),
    ...maybe(0.3, () => ({ kind: 'lifecycle', ...drawLifecycle(random, isVersioned, between) })),
    ...(isVersioned ? maybe(0.5, () => ({ kind: 'version-deletes', perDay: between(5, perDay / 5) })) : []),
    ...maybe(0.5, () => ({ kind: 'poison', perDay: between(2, 30) })),
    ...maybe(0.4, () => ({ kind: 'operator', perDay: between(1, 12) })),
    ...maybe(0.3, () => ({ kind: 'older-version' })),
    ...maybe(0.4, () => ({ kind: 'deployments', changes: drawChanges(random, days) })),
    ...maybe(0.4, () => ({ kind: 'noisy-folder', everyHours: between(4, 8) })),
    ...maybe(0.4, () => ({ kind: 'full-hours', uploads: between(2, perDay / 8) })),
    ...maybe(0.3, () => ({ kind: 'same-content', perDay: between(5, perDay / 5) })),
  ];
}

function drawLifecycle(random: Random, isVersioned: boolean, between: (from: number, to: number) => number) {
  return {
    ...(random() < 0.7 && { expireAfterHours: between(2, 20) }),
    ...(isVersioned && { noncurrentAfterHours: between(1, 10) }),
    ...(random() < 0.5 && { restoreShare: 0.1 }),
  };
}

function drawChanges(random: Random, days: number): { readonly atHours: number; readonly change: DeploymentChange }[] {
  const changes: readonly [DeploymentChange, ...DeploymentChange[]] = [
    { batchSize: 10, batchWindowSeconds: 0 },
    { batchSize: 1_000, batchWindowSeconds: 20 },
    { timeoutSeconds: 20 },
    { alerts: [INVOICES, LARGE] },
    { alerts: [] },
    { minimumUploads: 20 },
    { digestEveryHours: 2 },
  ];
  return Array.from({ length: 1 + Math.floor(random() * 3) }, () => ({
    atHours: Math.floor(random() * days * 24),
    change: pick(random, changes),
  }));
}

function drawOutages(random: Random, days: number): Outage[] {
  const kinds = ['table', 'permission', 'bundle', 'email'] as const;
  return Array.from({ length: pick(random, [0, 0, 1, 2]) }, () => ({
    kind: pick(random, kinds),
    atHours: Math.round(random() * days * 20),
    hours: pick(random, [0.05, 0.2, 0.2, 1, 3]),
  }));
}

/** The plan with a bus for events, and with what may happen to it. All else stays what the seed has drawn. */
function withEvents({ outages = [], noise, deployment, ...plan }: Plan, random: Random): Plan {
  const away = {
    kind: 'events',
    atHours: Math.round(random() * plan.days * 20),
    hours: pick(random, [0.2, 1, 3, 10]),
  } as const;
  return {
    ...plan,
    outages: random() < 0.4 ? [...outages, away] : outages,
    noise: { ...noise, ...drawNoise(random, USUAL_OF_EVENTS) },
    deployment: { ...deployment, publishesEvents: true, announceBackfill: random() < 0.7 },
  };
}

/** Each kind of small trouble at its usual share, at none, or at four times as much. */
function drawNoise(random: Random, usual: Partial<Noise>): Partial<Noise> {
  const noise = Object.entries(usual).map(([name, share]) => [name, share * pick(random, [0, 0, 1, 1, 4])]);
  return Object.fromEntries(noise);
}

function drawDeployment(random: Random): Partial<Deployment> {
  return {
    batchSize: pick(random, [100, 100, 10, 500]),
    alerts: pick<Deployment['alerts']>(random, [
      [],
      [INVOICES],
      [LARGE, INVOICES],
      [EVERYTHING, INVOICES],
      [EVERYTHING, INVOICES],
    ]),
    alertsPerMinute: pick(random, [10, 10, 3]),
    minimumUploads: pick(random, [1, 1, 1, 20]),
    uploaderMetadata: random() < 0.4,
  };
}
