import type { DeploymentChange } from './deployment.ts';

/** Uploads, overwrites, copies, multipart uploads and deletes, day and night. */
export interface Steady {
  readonly kind: 'steady';
  /** Uploads a day, on average over a usual day. */
  readonly perDay: number;
  /** Whether hardly anything happens in every second week. */
  readonly quietWeeks?: boolean;
}

/** Many uploads within seconds, now and then. */
export interface Bursts {
  readonly kind: 'bursts';
  readonly everyHours: number;
  readonly uploads: number;
}

/** For two minutes now and then a file a second, and somewhere among them an invoice. */
export interface NoisyFolder {
  readonly kind: 'noisy-folder';
  readonly everyHours: number;
}

/** What other programs upload within seconds of the full hour, when digests are due as well. */
export interface FullHours {
  readonly kind: 'full-hours';
  /** Each hour. */
  readonly uploads: number;
}

/** One person who writes the same few keys again and again, often several times a second. */
export interface BusyUploader {
  readonly kind: 'busy-uploader';
  readonly perDay: number;
}

/** Uploads in parts during which somebody else writes or deletes the object, which is often taken back later. */
export interface Parts {
  readonly kind: 'parts';
  readonly perDay: number;
}

/** Two people who upload equal content to one key, within a second or later, and somebody who deletes it. */
export interface SameContent {
  readonly kind: 'same-content';
  readonly perDay: number;
}

/** What S3 itself does to objects that have become old. */
export interface Lifecycle {
  readonly kind: 'lifecycle';
  /** Hours after which the current version expires. @default never */
  readonly expireAfterHours?: number;
  /** Hours after which a version expires that is no longer current. @default never */
  readonly noncurrentAfterHours?: number;
  /** Share of the objects that are restored from the archive, some of them twice. @default none */
  readonly restoreShare?: number;
}

/** Somebody who deletes versions and delete markers for good. */
export interface VersionDeletes {
  readonly kind: 'version-deletes';
  readonly perDay: number;
}

/** Messages that nobody can read, and events that nobody can read beside others that everybody can. */
export interface Poison {
  readonly kind: 'poison';
  readonly perDay: number;
}

/** New settings for the function while messages are on their way. */
export interface Deployments {
  readonly kind: 'deployments';
  readonly changes: readonly { readonly atHours: number; readonly change: DeploymentChange }[];
}

/** What the first released version has left behind: records and summaries in the table, and a tick in the queue. */
export interface OlderVersion {
  readonly kind: 'older-version';
}

export const COMMANDS = ['reconcile', 'repair', 'backfill', 'redrive'] as const;

export type CommandName = (typeof COMMANDS)[number];

/** Somebody who runs the product's commands at good and at bad moments, and sometimes closes the laptop meanwhile. */
export interface Operator {
  readonly kind: 'operator';
  /** Commands a day. */
  readonly perDay: number;
  /** @default all */
  readonly commands?: readonly CommandName[];
}

/** One thing that goes on while the others go on, as plain data. */
export type WorkloadSpec =
  | Steady
  | Bursts
  | NoisyFolder
  | FullHours
  | BusyUploader
  | SameContent
  | Parts
  | Lifecycle
  | VersionDeletes
  | Poison
  | Deployments
  | OlderVersion
  | Operator;

export const WORKLOAD_KINDS = [
  'steady',
  'bursts',
  'noisy-folder',
  'busy-uploader',
  'lifecycle',
  'version-deletes',
  'poison',
  'operator',
  'older-version',
  'deployments',
  'full-hours',
  'same-content',
  'parts',
] as const satisfies readonly WorkloadSpec['kind'][];

export type WorkloadKind = (typeof WORKLOAD_KINDS)[number];

/** Uploads of a burst, where there are so many a day. */
const BURST = 5_000;

/** The workload as it is when only its name is given. */
export function workloadOf(
  kind: WorkloadKind,
  { days, perDay }: { readonly days: number; readonly perDay: number },
): WorkloadSpec {
  switch (kind) {
    case 'steady':
      return { kind, perDay };
    case 'bursts':
      return { kind, everyHours: 24, uploads: Math.min(BURST, perDay) };
    case 'noisy-folder':
      return { kind, everyHours: 4 };
    case 'full-hours':
      return { kind, uploads: Math.ceil(perDay / 24) };
    case 'busy-uploader':
    case 'same-content':
    case 'parts':
      return { kind, perDay: Math.ceil(perDay / 10) };
    case 'lifecycle':
      return { kind, expireAfterHours: days * 12, noncurrentAfterHours: days * 6, restoreShare: 0.05 };
    case 'version-deletes':
      return { kind, perDay: Math.ceil(perDay / 20) };
    case 'poison':
      return { kind, perDay: 10 };
    case 'operator':
      return { kind, perDay: 4 };
    case 'older-version':
      return { kind };
    case 'deployments':
      return { kind, changes: [{ atHours: days * 8, change: { batchSize: 10, batchWindowSeconds: 0 } }] };
  }
}
