import { z } from 'zod';
import { DEFAULTS } from '../../src/contract/defaults.ts';
import { LIMITS } from '../../src/contract/limits.ts';
import { EVENT_TYPES } from '../sources/notification-configuration.ts';
import { EMAIL } from './email-settings.ts';
import {
  bucketName,
  bucketNames,
  busName,
  emailAddresses,
  filterValue,
  keyTemplate,
  oneOf,
  someOf,
  stackName,
  topicArn,
  wholeNumber,
  wholeNumberAmong,
  yesOrNo,
} from './setting-kinds.ts';

const { lambda } = LIMITS;

/** Retentions that CloudWatch Logs takes: its API reference, `PutRetentionPolicy`. */
const LOG_RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

/** A hundred years: past it, a typing error is likelier than a wish. */
const LONGEST_RETENTION_DAYS = 36_500;

const MINUTES_OF_A_DAY = 24 * 60;

/** Longest time that an alarm looks back upon: CloudWatch, "Evaluating an alarm", a week at periods of an hour. */
const LONGEST_SILENCE_HOURS = 7 * 24;

/** Shards are named by two digits, and readers ask each of them. */
const MOST_INDEX_SHARDS = 100;

/**
 * Every setting of the product, by the name that it has in cdk.json's context, on the command line (`-c name=value`) and among
 * the construct's props. What each one means stands at `UploadLedgerProps`.
 */
export const SETTINGS = z.strictObject({
  stackName: stackName.default(DEFAULTS.stackName),
  bucketName: bucketName.exactOptional(),
  delivery: oneOf(['notification', 'eventbridge']).default(DEFAULTS.delivery),
  existingBuckets: bucketNames.exactOptional(),
  sourceTopicArn: topicArn.exactOptional(),
  prefix: filterValue.exactOptional(),
  suffix: filterValue.exactOptional(),
  events: someOf(EVENT_TYPES).default(DEFAULTS.events),
  batchSize: wholeNumber({ least: 1, most: lambda.batchSize }).default(DEFAULTS.batchSize),
  batchWindowSeconds: wholeNumber({ least: 0, most: lambda.batchWindowSeconds }).default(DEFAULTS.batchWindowSeconds),
  maximumConcurrency: wholeNumber({ least: lambda.minimumConcurrency, most: lambda.maximumConcurrency }).default(
    DEFAULTS.maximumConcurrency,
  ),
  memoryMb: wholeNumber(lambda.memoryMb).default(DEFAULTS.memoryMb),
  timeoutSeconds: wholeNumber({ least: 1, most: lambda.timeoutSeconds }).default(DEFAULTS.timeoutSeconds),
  indexShards: wholeNumber({ least: 1, most: MOST_INDEX_SHARDS }).default(DEFAULTS.indexShards),
  uploaderKeyTemplate: keyTemplate.exactOptional(),
  uploaderMetadata: yesOrNo().default(DEFAULTS.uploaderMetadata),
  retentionDays: wholeNumber({ least: 1, most: LONGEST_RETENTION_DAYS }).exactOptional(),
  logLevel: oneOf(['DEBUG', 'INFO', 'WARN', 'ERROR']).default(DEFAULTS.logLevel),
  logRetentionDays: wholeNumberAmong(LOG_RETENTION_DAYS).default(DEFAULTS.logRetentionDays),
  tracing: yesOrNo().default(DEFAULTS.tracing),
  contributorInsights: yesOrNo().default(DEFAULTS.contributorInsights),
  customerKey: yesOrNo().default(DEFAULTS.customerKey),
  recordedEventsBus: busName.exactOptional(),
  ...EMAIL,
  alarmEmails: emailAddresses.exactOptional(),
  alarmTopicArn: topicArn.exactOptional(),
  oldestMessageMinutes: wholeNumber({ least: 1, most: MINUTES_OF_A_DAY }).default(DEFAULTS.oldestMessageMinutes),
  silenceHours: wholeNumber({ least: 1, most: LONGEST_SILENCE_HOURS }).exactOptional(),
  removalPolicy: oneOf(['retain', 'destroy']).default(DEFAULTS.removalPolicy),
});

/** A valid configuration, with every default filled in. */
export type Configuration = z.output<typeof SETTINGS>;

/** What of the configuration decides whether email is sent. */
export type EmailConfiguration = Pick<
  Configuration,
  'emailSender' | 'digests' | 'alerts' | 'alertsPerMinute' | 'sesSandbox'
>;

/** Whether there is anything to send: otherwise nothing of email is deployed. */
export function sendsEmail({ digests = [], alerts = [] }: Pick<EmailConfiguration, 'digests' | 'alerts'>): boolean {
  return digests.length + alerts.length > 0;
}
