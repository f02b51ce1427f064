import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { parseDuration } from '../../src/cli/arguments/time.ts';
import { HOUR_MS } from '../../src/shared/time.ts';
import { drawPlan } from '../system/simulation/plans/draw-plan.ts';
import type { Plan } from '../system/simulation/plans/plan.ts';
import {
  type Noise,
  OUTAGE_KINDS,
  type Outage,
  QUIET,
  USUAL,
  USUAL_WITHOUT_EVENTS,
} from '../system/simulation/plans/trouble.ts';
import { WORKLOAD_KINDS, type WorkloadKind, workloadOf } from '../system/simulation/plans/workload-specs.ts';

export const USAGE = `npm run lab -- simulate [options]

Runs the product's own code over simulated services on a virtual clock, and
checks what it promises. The same options always give the same run.

  --seed N         what happens and what goes wrong (default 1)
  --seeds A-B      a run for each of these seeds, until one breaks a promise
  --days D         simulated days, such as 0.5, 7 or 30 (default 1)
  --rate R         uploads a day, by and large (default 300)
  --outage 3h@day2 something is down for three hours, two days after the start;
                   may be repeated. What is down comes first: table (default),
                   permission, bundle, email or events (EventBridge, which
                   turns on --events), as in bundle:20m@day0.5
  --only LIST      only these workloads, and usual trouble, instead of what the
                   seed draws: steady, bursts, noisy-folder, busy-uploader,
                   lifecycle, version-deletes, poison, operator, older-version,
                   deployments, full-hours, same-content, parts
  --versioned      a bucket with versions, with --only
  --quiet          no small trouble, with --only
  --events         with a bus for events, also where the seed draws none
  --plan FILE      a plan that an earlier run has printed; only --seed and
                   --repeat go with it
  --show-plan      print the plan and do not run it
  --repeat N       run it N times, and compare the hashes of their traces
  --no-shrinking   when a promise is broken, do not look for the shortest plan
                   that breaks it
  --json           one JSON object a run

Exit code 1: a promise is broken that is not on the list of known violations.
`;

/** What the command is to do. */
export interface SimulateArguments {
  readonly plans: readonly Plan[];
  readonly repeat: number;
  readonly shrinking: boolean;
  readonly json: boolean;
  readonly showPlan: boolean;
  readonly help: boolean;
}

const OPTIONS = {
  seed: { type: 'string' },
  seeds: { type: 'string' },
  days: { type: 'string', default: '1' },
  rate: { type: 'string', default: '300' },
  outage: { type: 'string', multiple: true },
  only: { type: 'string' },
  versioned: { type: 'boolean', default: false },
  quiet: { type: 'boolean', default: false },
  events: { type: 'boolean', default: false },
  plan: { type: 'string' },
  'show-plan': { type: 'boolean', default: false },
  repeat: { type: 'string', default: '1' },
  'no-shrinking': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** @throws TypeError for arguments that are not in {@link USAGE}. */
export function readArguments(args: readonly string[]): SimulateArguments {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const seeds = seedsOf(values.seeds ?? values.seed);
  const [firstSeed = 1] = seeds;
  const outages = values.outage?.map(outageOf);
  const settings = {
    days: number(values.days, 'days', 0.01, 90),
    perDay: wholeNumber(values.rate, 'rate', 1, 10_000_000),
    outages,
    publishesEvents: values.events || outages?.some(({ kind }) => kind === 'events') === true,
  };
  const kinds = values.only?.split(',').map(kindOf);
  if (kinds === undefined && (values.versioned || values.quiet)) {
    throw new TypeError('Expected --only beside --versioned and --quiet: else the seed decides about both.');
  }
  const plans =
    values.plan === undefined
      ? seeds.map((seed) => planOf(seed, { ...settings, kinds, isVersioned: values.versioned, isQuiet: values.quiet }))
      : [readPlan(values.plan, values.seed === undefined ? undefined : firstSeed)];
  return {
    plans,
    repeat: wholeNumber(values.repeat, 'repeat', 1, 10_000),
    shrinking: !values['no-shrinking'],
    json: values.json,
    showPlan: values['show-plan'],
    help: values.help,
  };
}

interface PlanSettings {
  readonly days: number;
  readonly perDay: number;
  readonly outages: readonly Outage[] | undefined;
  readonly publishesEvents: boolean;
  readonly kinds: readonly WorkloadKind[] | undefined;
  readonly isVersioned: boolean;
  readonly isQuiet: boolean;
}

function planOf(seed: number, settings: PlanSettings): Plan {
  const { days, perDay, outages, publishesEvents, kinds, isVersioned, isQuiet } = settings;
  const given = {
    ...(outages && { outages }),
    ...(publishesEvents && { deployment: { publishesEvents } }),
  };
  if (kinds === undefined) {
    const drawn = drawPlan(seed, { days, perDay });
    return { ...drawn, ...given, deployment: { ...drawn.deployment, ...given.deployment } };
  }
  const workloads = kinds.map((kind) => workloadOf(kind, { days, perDay }));
  return { seed, days, isVersioned, workloads, noise: noiseOf({ isQuiet, publishesEvents }), ...given };
}

function noiseOf({ isQuiet, publishesEvents }: Pick<PlanSettings, 'isQuiet' | 'publishesEvents'>): Partial<Noise> {
  if (isQuiet) return QUIET;
  return publishesEvents ? USUAL : USUAL_WITHOUT_EVENTS;
}

function readPlan(file: string, seed: number | undefined): Plan {
  const plan = JSON.parse(readFileSync(file, 'utf8')) as Partial<Plan>;
  if (typeof plan.days !== 'number' || !Array.isArray(plan.workloads)) {
    throw new TypeError(`Expected ${file} to hold a plan as --show-plan prints it.`);
  }
  return { seed: 1, days: plan.days, workloads: plan.workloads, ...plan, ...(seed !== undefined && { seed }) };
}

function seedsOf(text = '1'): number[] {
  const [from = '', to = from, ...rest] = text.split('-');
  const first = wholeNumber(from, 'seed', 0, 1e9);
  const last = wholeNumber(to, 'seed', first, 1e9);
  if (rest.length > 0) throw new TypeError(`Expected --seeds to be such as 1-20, got ${text}.`);
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function outageOf(text: string): Outage {
  const [, kind = 'table', duration = '', day = ''] = /^(?:([a-z]+):)?(\w+)@day(\d+(?:\.\d+)?)$/.exec(text) ?? [];
  const known = OUTAGE_KINDS.find((one) => one === kind);
  if (day === '' || known === undefined) {
    throw new TypeError(`Expected --outage to be such as 3h@day2 or bundle:20m@day0.5, got ${text}.`);
  }
  return { kind: known, hours: parseDuration(duration) / HOUR_MS, atHours: Number(day) * 24 };
}

function kindOf(text: string): WorkloadKind {
  const kind = WORKLOAD_KINDS.find((one) => one === text);
  if (kind === undefined)
    throw new TypeError(`Expected --only to name some of ${WORKLOAD_KINDS.join(', ')}; got ${text}.`);
  return kind;
}

function wholeNumber(text: string, name: string, min: number, max: number): number {
  const value = number(text, name, min, max);
  if (!Number.isInteger(value)) throw new TypeError(`Expected --${name} to be a whole number, got ${text}.`);
  return value;
}

function number(text: string, name: string, min: number, max: number): number {
  const value = /^\d{1,9}(\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max)) {
    throw new TypeError(`Expected --${name} to be a number from ${min} to ${max}, got ${text}.`);
  }
  return value;
}
