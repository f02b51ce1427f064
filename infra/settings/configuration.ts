import { z } from 'zod';
import { DEFAULTS } from '../../src/contract/defaults.ts';
import { LIMITS } from '../../src/contract/limits.ts';
import { EVENT_TYPES } from '../sources/notification-configuration.ts';
import { EMAIL } from './email-settings.ts';
import * as kind from './setting-kinds.ts';
import { source } from './source.ts';
import { WEBHOOKS } from './webhook-settings.ts';

const { lambda } = LIMITS;

/**
 * The retentions that CloudWatch Logs accepts, and the CDK's word for none. Source: its API reference,
 * `PutRetentionPolicy`.
 */
const LOG_RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653, 9999,
] as const;

/** A hundred years. A longer retention is probably a typing error. */
const MAX_RETENTION_DAYS = 36_500;

/** The longest time that an alarm can look back. Source: CloudWatch User Guide, "Evaluating an alarm". */
const MAX_SILENCE_HOURS = 7 * 24;

const MAX_OLDEST_MESSAGE_MINUTES = 24 * 60;

/** More deletes in five minutes than any queue brings are probably a typing error. */
const MAX_DELETES = 1_000_000;

/** Half of the time that SQS keeps a message: the other half is for the dead letter that it becomes. */
const MAX_RETRY_HOURS = 7 * 24;

/** Shards are named by two digits, and readers query each of them. */
const MAX_INDEX_SHARDS = 100;

/**
 * Every setting of a ledger, by its name in cdk.json's context, on the command line (`-c name=value`) and in the
 * construct's props. `UploadLedgerProps` says what each one means.
 */
export const SETTINGS = z.strictObject({
  source: source.prefault({}),
  prefix: kind.filterValue.exactOptional(),
  suffix: kind.filterValue.exactOptional(),
  events: kind.someOf(EVENT_TYPES).default(DEFAULTS.events),
  batchSize: kind.wholeNumber({ min: 1, max: lambda.batchSize }).default(DEFAULTS.batchSize),
  batchWindowSeconds: kind
    .wholeTime('Seconds', { min: 0, max: lambda.batchWindowSeconds })
    .default(DEFAULTS.batchWindowSeconds),
  maximumConcurrency: kind
    .wholeNumber({ min: lambda.minimumConcurrency, max: lambda.maximumConcurrency })
    .default(DEFAULTS.maximumConcurrency),
  reservedConcurrency: kind
    .wholeNumber({ min: lambda.minimumConcurrency, max: lambda.maximumConcurrency })
    .exactOptional(),
  memoryMb: kind.wholeNumber(lambda.memoryMb).default(DEFAULTS.memoryMb),
  timeoutSeconds: kind.wholeTime('Seconds', { min: 1, max: lambda.timeoutSeconds }).default(DEFAULTS.timeoutSeconds),
  retryHours: kind.wholeTime('Hours', { min: 1, max: MAX_RETRY_HOURS }).default(DEFAULTS.retryHours),
  indexShards: kind.wholeNumber({ min: 1, max: MAX_INDEX_SHARDS }).default(DEFAULTS.indexShards),
  uploaderKeyTemplate: kind.keyTemplate.exactOptional(),
  uploaderMetadata: kind.yesOrNo().default(DEFAULTS.uploaderMetadata),
  retentionDays: kind.wholeTime('Days', { min: 1, max: MAX_RETENTION_DAYS }).exactOptional(),
  metricsByCategory: kind.yesOrNo().default(DEFAULTS.metricsByCategory),
  dashboard: kind.yesOrNo().default(DEFAULTS.dashboard),
  logLevel: kind.oneOf(['DEBUG', 'INFO', 'WARN', 'ERROR']).default(DEFAULTS.logLevel),
  logRetentionDays: kind.daysAmong(LOG_RETENTION_DAYS).default(DEFAULTS.logRetentionDays),
  tracing: kind.yesOrNo().default(DEFAULTS.tracing),
  contributorInsights: kind.yesOrNo().default(DEFAULTS.contributorInsights),
  customerKey: kind.yesOrKey.default(DEFAULTS.customerKey),
  recordedEventsBus: kind.bus.exactOptional(),
  announceBackfill: kind.yesOrNo().default(DEFAULTS.announceBackfill),
  ...WEBHOOKS,
  alertTopic: kind.topic.exactOptional(),
  ...EMAIL,
  alarmEmails: kind.emailAddresses.exactOptional(),
  alarmTopic: kind.topic.exactOptional(),
  runbookUrl: kind.pageUrl.exactOptional(),
  oldestMessageMinutes: kind
    .wholeTime('Minutes', { min: 1, max: MAX_OLDEST_MESSAGE_MINUTES })
    .default(DEFAULTS.oldestMessageMinutes),
  silenceHours: kind.wholeTime('Hours', { min: 1, max: MAX_SILENCE_HOURS }).exactOptional(),
  deletesPerFiveMinutes: kind.wholeNumber({ min: 1, max: MAX_DELETES }).exactOptional(),
  removalPolicy: kind.removal.default(DEFAULTS.removalPolicy),
});

/** The settings of the stack: those of its ledger, and its name. */
export const STACK_SETTINGS = z.strictObject({
  stackName: kind.stackName.default(DEFAULTS.stackName),
  ...SETTINGS.shape,
});

/** A valid configuration, with every default filled in. */
export type Configuration = z.output<typeof SETTINGS>;

export type StackConfiguration = z.output<typeof STACK_SETTINGS>;

/** Whether other systems are told. Without it, nothing of events is deployed. */
export function publishesEvents({ recordedEventsBus, webhooks = [], alertTopic }: Configuration): boolean {
  return recordedEventsBus !== undefined || webhooks.length > 0 || alertTopic !== undefined;
}

/** Whether there is anything to send. Without it, nothing of email is deployed. */
export function sendsEmail({ digests = [], alerts = [] }: Pick<Configuration, 'digests' | 'alerts'>): boolean {
  return digests.length + alerts.length > 0;
}
