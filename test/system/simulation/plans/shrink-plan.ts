import type { Violation } from '../checks/violation.ts';
import type { Plan } from './plan.ts';
import { type Noise, QUIET } from './trouble.ts';
import type { WorkloadSpec } from './workload-specs.ts';

export interface ShrinkOptions {
  /** What the plan breaks. */
  readonly violations: (plan: Plan) => Promise<readonly Violation[]>;
  /** Runs at most. */
  readonly maxTries: number;
  /** Called with each plan that breaks the same promise with less. */
  readonly onSmaller?: (plan: Plan) => void;
}

/** Nothing happens in less. */
const MIN_DAYS = 0.05;
const MIN_PER_DAY = 5;

/**
 * Looks for the shortest plan that breaks the same promise for the same reason: without an outage, a workload, a kind of noise or a
 * setting, with half of the days, or with half of the uploads. A plan always gives the same run, so what comes out fails every time.
 */
export async function shrinkPlan(plan: Plan, violation: Violation, options: ShrinkOptions): Promise<Plan> {
  let best = plan;
  let tries = 0;
  const fails = async (smaller: Plan) => {
    tries += 1;
    const found = await options.violations(smaller);
    return found.some(({ promise, because }) => promise === violation.promise && because === violation.because);
  };
  for (let candidates = smallerPlans(best); tries < options.maxTries; ) {
    const next = candidates.next();
    if (next.done) break;
    if (!(await fails(next.value))) continue;
    best = next.value;
    options.onSmaller?.(best);
    candidates = smallerPlans(best);
  }
  return best;
}

/** Plans with one thing less, those first that spare most. */
function* smallerPlans(plan: Plan): Generator<Plan> {
  const { days, workloads, outages = [], noise = {}, deployment = {} } = plan;
  if (days / 2 >= MIN_DAYS) yield { ...plan, days: days / 2 };
  for (const index of workloads.keys()) {
    if (workloads.length > 1) yield { ...plan, workloads: workloads.toSpliced(index, 1) };
  }
  for (const index of outages.keys()) yield { ...plan, outages: outages.toSpliced(index, 1) };
  if (Object.values(noise).some((share) => share > 0)) yield { ...plan, noise: {} };
  let kind: keyof Noise;
  for (kind in QUIET) if ((noise[kind] ?? 0) > 0) yield { ...plan, noise: { ...noise, [kind]: 0 } };
  if (Object.keys(deployment).length > 0) yield { ...plan, deployment: {} };
  for (const name of Object.keys(deployment)) yield { ...plan, deployment: without(deployment, name) };
  if (plan.isVersioned) yield { ...plan, isVersioned: false };
  for (const [index, spec] of workloads.entries()) {
    for (const smaller of smallerWorkloads(spec)) yield { ...plan, workloads: workloads.with(index, smaller) };
  }
  if (days * 0.75 >= MIN_DAYS) yield { ...plan, days: Math.round(days * 75) / 100 };
}

function* smallerWorkloads(spec: WorkloadSpec): Generator<WorkloadSpec> {
  if ('perDay' in spec && spec.perDay / 2 >= MIN_PER_DAY) yield { ...spec, perDay: Math.floor(spec.perDay / 2) };
  if (spec.kind === 'bursts' && spec.uploads > 1) yield { ...spec, uploads: Math.floor(spec.uploads / 2) };
  if (spec.kind === 'deployments' && spec.changes.length > 1) {
    for (const index of spec.changes.keys()) yield { ...spec, changes: spec.changes.toSpliced(index, 1) };
  }
}

function without<T extends object>(settings: T, name: string): T {
  return Object.fromEntries(Object.entries(settings).filter(([other]) => other !== name)) as T;
}
