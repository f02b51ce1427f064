import type { Deployment } from './deployment.ts';
import type { Noise, Outage } from './trouble.ts';
import type { WorkloadSpec } from './workload-specs.ts';

/** When every simulation starts, in epoch milliseconds: at midnight UTC. */
export const STARTS_AT = Date.parse('2026-03-01T00:00:00Z');

/** Everything that a run depends on, as plain data: the same plan gives the same run, event by event. */
export interface Plan {
  readonly seed: number;
  readonly days: number;
  /** @default false */
  readonly isVersioned?: boolean;
  readonly workloads: readonly WorkloadSpec[];
  /** @default none */
  readonly outages?: readonly Outage[];
  /** @default {@link QUIET} */
  readonly noise?: Partial<Noise>;
  /** Where it is not {@link DEPLOYMENT}. */
  readonly deployment?: Partial<Deployment>;
  /** @default SQS's own, and a table that takes everything */
  readonly limits?: Limits;
}

/** Whether somebody runs commands: they also put right at the end what can be put right. */
export function hasOperator({ workloads }: Plan): boolean {
  return workloads.some(({ kind }) => kind === 'operator');
}

/** What the services take. */
export interface Limits {
  /** Messages of the uploads queue that can be in flight. */
  readonly maxInFlight?: number;
  /** Writes of the table; a call counts as 25. */
  readonly tableWritesPerSecond?: number;
}
