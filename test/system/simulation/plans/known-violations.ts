import type { Cause, PromiseName, Violation } from '../checks/violation.ts';
import type { Plan } from './plan.ts';
import type { WorkloadSpec } from './workload-specs.ts';

/** A promise that the product does not keep yet, and runs that show it. The list is to become empty. */
export interface KnownViolation {
  readonly what: string;
  readonly promise: PromiseName;
  readonly because: Cause;
  /** Each of these seeds shows it. */
  readonly seeds: readonly [number, ...number[]];
  readonly plan: Omit<Plan, 'seed'>;
}

const RECIPIENTS = ['ops@example.com'];

/** Half a day of uploads, and what else happens. */
function halfDayWith(...others: readonly WorkloadSpec[]): Pick<Plan, 'days' | 'workloads'> {
  return { days: 0.5, workloads: [{ kind: 'steady', perDay: 200 }, ...others] };
}

export const KNOWN_VIOLATIONS: readonly KnownViolation[] = [];

/** What versions before this one did wrong, and the runs that showed it. None of it may come back. */
export const CURED: readonly KnownViolation[] = [
  {
    what: 'the expiry of an object replaces the record of its upload',
    promise: 'every event has its record',
    because: 'shared-sequencer',
    seeds: [1, 2, 3],
    plan: halfDayWith({ kind: 'lifecycle', expireAfterHours: 3 }),
  },
  {
    what: 'the expiry of an old version has its place in the history before what came earlier',
    promise: 'histories are in order',
    because: 'shared-sequencer',
    seeds: [1, 2, 3],
    plan: { ...halfDayWith({ kind: 'lifecycle', noncurrentAfterHours: 2 }), isVersioned: true },
  },
  {
    what: 'a restore replaces the record of the upload, and a repair then writes another',
    promise: 'an event is in the ledger once',
    because: 'shared-sequencer',
    seeds: [1, 2, 3],
    plan: halfDayWith({ kind: 'lifecycle', restoreShare: 0.3 }, { kind: 'operator', perDay: 12, commands: ['repair'] }),
  },
  {
    what: 'an upload that is redriven at last, after the object has expired, brings the object back',
    promise: 'the current state is right',
    because: 'shared-sequencer',
    seeds: [1, 2, 3],
    plan: {
      ...halfDayWith(
        { kind: 'lifecycle', expireAfterHours: 2 },
        { kind: 'operator', perDay: 1, commands: ['reconcile'] },
      ),
      outages: [{ kind: 'table', atHours: 7, hours: 1 }],
    },
  },
  {
    what: 'an upload that is repaired and then redriven has two records',
    promise: 'an event is in the ledger once',
    because: 'found-before-notified',
    seeds: [1, 3, 4],
    plan: {
      days: 0.6,
      workloads: [
        { kind: 'steady', perDay: 300 },
        { kind: 'operator', perDay: 24, commands: ['repair', 'redrive'] },
      ],
      outages: [{ kind: 'bundle', atHours: 8, hours: 1 }],
    },
  },
  {
    what: 'a version or a delete marker that is deleted for good is taken for the object',
    promise: 'the current state is right',
    because: 'version-deleted',
    seeds: [1, 2, 3],
    plan: { ...halfDayWith({ kind: 'version-deletes', perDay: 100 }), isVersioned: true },
  },
  {
    what: 'a version that a repair took for deleted stays so when S3 makes it the current one',
    promise: 'the current state is right',
    because: 'version-deleted',
    seeds: [1, 2, 3],
    plan: {
      days: 1,
      isVersioned: true,
      workloads: [
        { kind: 'parts', perDay: 60 },
        { kind: 'operator', perDay: 24, commands: ['repair'] },
      ],
    },
  },
  {
    what: 'the metric of uploads counts deletes',
    promise: 'metrics count the uploads',
    because: 'deletes-counted',
    seeds: [1, 2, 3],
    plan: { days: 0.25, workloads: [{ kind: 'steady', perDay: 500 }] },
  },
  {
    what: 'an object is not found to be gone when a version was deleted for good last',
    promise: 'reconcile finds what is wrong and nothing else',
    because: 'version-deleted',
    seeds: [1, 2, 3],
    plan: {
      days: 1,
      isVersioned: true,
      workloads: [
        { kind: 'steady', perDay: 400 },
        { kind: 'version-deletes', perDay: 400 },
      ],
      noise: { lost: 0.2 },
    },
  },
  {
    what: 'a lost upload is not found when an older version of equal content was recorded and has expired',
    promise: 'reconcile finds what is wrong and nothing else',
    because: 'version-deleted',
    seeds: [1, 2, 3],
    plan: {
      days: 1,
      isVersioned: true,
      workloads: [
        { kind: 'same-content', perDay: 400 },
        { kind: 'lifecycle', noncurrentAfterHours: 2 },
      ],
      noise: { lost: 0.1 },
    },
  },
  {
    what: 'an outage of an hour fills the dead-letter queue',
    promise: 'only poison is dead',
    because: 'retries-used-up',
    seeds: [1, 2, 3],
    plan: { ...halfDayWith(), outages: [{ kind: 'table', atHours: 8, hours: 1 }] },
  },
  {
    what: 'a noisy alert rule takes all emails of the minute',
    promise: 'alerts reach people',
    because: 'bound-used-by-others',
    seeds: [1, 3, 4],
    plan: {
      days: 0.255,
      workloads: [{ kind: 'steady', perDay: 40_000 }],
      // A batch a second.
      deployment: {
        batchSize: 10,
        batchWindowSeconds: 0,
        alerts: [
          { name: 'everything', everything: true, recipients: RECIPIENTS },
          { name: 'invoices', prefix: 'invoices/', recipients: RECIPIENTS },
        ],
      },
    },
  },
  {
    what: 'a digest that waits for more uploads than there are in 35 days never tells of them',
    promise: 'digests tell everything',
    because: 'minimum-uploads',
    seeds: [1, 2, 3],
    plan: {
      days: 40,
      workloads: [{ kind: 'steady', perDay: 5 }],
      deployment: { digestEveryHours: 24, minimumUploads: 100_000 },
    },
  },
];

/** Whether the list tells of it. */
export function isKnown({ promise, because }: Violation): boolean {
  return KNOWN_VIOLATIONS.some((known) => known.promise === promise && known.because === because);
}
