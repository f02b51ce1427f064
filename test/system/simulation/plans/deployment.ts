import { DEFAULTS } from '../../../../src/contract/defaults.ts';
import type { AlertRule } from '../../../../src/contract/email-settings.ts';

/** The settings of the stack that matter here. */
export interface Deployment {
  readonly batchSize: number;
  readonly batchWindowSeconds: number;
  readonly concurrency: number;
  readonly timeoutSeconds: number;
  readonly visibilitySeconds: number;
  /** Of the uploads queue, and of the dead letters. */
  readonly retentionDays: number;
  readonly deadLetterDays: number;
  readonly maxReceiveCount: number;
  readonly indexShards: number;
  readonly alertsPerMinute: number;
  /** As in cdk.json. */
  readonly alerts: readonly (Omit<AlertRule, 'timeZone'> & Partial<Pick<AlertRule, 'timeZone'>>)[];
  readonly digestEveryHours: number;
  readonly minimumUploads: number;
  /** @default true */
  readonly hasDigests?: boolean;
  /** Whether names are read from the metadata of objects. */
  readonly uploaderMetadata: boolean;
  /** Whether there is a bus for events; and whether records that commands write have theirs. */
  readonly publishesEvents: boolean;
  readonly announceBackfill: boolean;
}

/** The defaults of the stack, with a digest an hour. A test holds them against the synthesized template. */
export const DEPLOYMENT: Deployment = {
  batchSize: DEFAULTS.batchSize,
  batchWindowSeconds: DEFAULTS.batchWindowSeconds,
  concurrency: DEFAULTS.maximumConcurrency,
  timeoutSeconds: DEFAULTS.timeoutSeconds,
  visibilitySeconds: 185,
  retentionDays: 10,
  deadLetterDays: 14,
  maxReceiveCount: 468,
  indexShards: DEFAULTS.indexShards,
  alertsPerMinute: DEFAULTS.alertsPerMinute,
  alerts: [],
  digestEveryHours: 1,
  minimumUploads: 1,
  uploaderMetadata: DEFAULTS.uploaderMetadata,
  publishesEvents: false,
  announceBackfill: DEFAULTS.announceBackfill,
};

/** What a new deployment changes. Queues and shards stay: their settings belong to resources that are never replaced. */
export type DeploymentChange = Partial<
  Pick<
    Deployment,
    | 'batchSize'
    | 'batchWindowSeconds'
    | 'timeoutSeconds'
    | 'alertsPerMinute'
    | 'alerts'
    | 'digestEveryHours'
    | 'minimumUploads'
  >
>;
