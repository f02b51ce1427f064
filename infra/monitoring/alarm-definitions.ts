import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, MathExpression, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { BATCH_METRICS, EMAIL_METRICS, RECORD_METRICS } from '../../src/contract/metrics.ts';
import { longestRetrySeconds, SHORTEST_DEAD_LETTER } from '../queues.ts';
import type { Configuration } from '../settings/configuration.ts';
import { type AlarmDefinition, above, FIVE_MINUTES } from './alarm-definition.ts';
import { deliveryAlarms, type EventPaths, publishingAlarms, ruleAlarms } from './event-alarms.ts';
import type { LedgerMetrics } from './ledger-metrics.ts';

/** Periods of five minutes, or of a retry. Shorter failures recover by themselves. */
const SUSTAINED = 3;

/** The alarms of a ledger: each needs a person, none recovers by itself. */
export function alarmDefinitions(
  metrics: LedgerMetrics,
  events: EventPaths,
  configuration: Configuration,
): readonly AlarmDefinition[] {
  const {
    oldestMessageMinutes,
    retryHours,
    silenceHours,
    deletesPerFiveMinutes,
    digests = [],
    alerts = [],
  } = configuration;
  const period = failurePeriod(configuration);
  return [
    {
      id: 'DeadLettersWaiting',
      summary: `Messages are in the dead-letter queue: they cannot be read, could not be recorded in ${retryHours} hours, or could not be sent to the uploads queue. Each is kept for at least four days: it can wait until the morning.`,
      commands: ['dlq list', 'dlq redrive'],
      metric: metrics.deadLetters(),
      ...above(0, 1),
    },
    {
      id: 'DeadLettersExpire',
      summary:
        'A dead letter has waited for two days in the dead-letter queue: SQS deletes it 14 days after it was first sent, which may be in two days, and its uploads stay unrecorded. Act today.',
      commands: ['dlq redrive', 'dlq export dead-letters.jsonl'],
      metric: metrics.oldestDeadLetterAge(),
      ...above(SHORTEST_DEAD_LETTER.toSeconds() / 2, 1),
    },
    {
      id: 'UploadsWait',
      summary: `Messages of uploads, or of a digest, have waited for more than ${oldestMessageMinutes} minutes in the uploads queue. Nothing is lost: what fails for ${retryHours} hours becomes a dead letter.`,
      commands: ['doctor'],
      metric: metrics.oldestMessageAge(period),
      ...above(oldestMessageMinutes * 60, 1),
    },
    ...failureAlarms(metrics, period),
    ...ruleAlarms(events),
    ...publishingAlarms(events, oldestMessageMinutes),
    ...deliveryAlarms(events),
    ...(digests.length > 0 ? [digestAlarm(metrics, configuration, period)] : []),
    ...(alerts.length > 0 ? [alertAlarm(metrics, period)] : []),
    ...(silenceHours === undefined ? [] : [silenceAlarm(metrics, silenceHours)]),
    ...(deletesPerFiveMinutes === undefined ? [] : [deletesAlarm(metrics, deletesPerFiveMinutes)]),
  ];
}

/**
 * At least the time of a retry: then a message that fails each time has failed in every period, even if nothing else
 * arrives. In whole minutes, as CloudWatch needs it.
 */
function failurePeriod(configuration: Configuration): Duration {
  return Duration.minutes(Math.max(FIVE_MINUTES.toMinutes(), Math.ceil(longestRetrySeconds(configuration) / 60)));
}

/** How long something has failed before such an alarm is raised. */
function sustained(period: Duration): string {
  return period.toMinutes() === FIVE_MINUTES.toMinutes()
    ? 'a quarter of an hour'
    : `${SUSTAINED * period.toMinutes()} minutes`;
}

function failureAlarms(metrics: LedgerMetrics, period: Duration): AlarmDefinition[] {
  return [
    {
      id: 'MessagesFail',
      summary: `Messages have returned to the queue for ${sustained(period)}: their records could not be stored.`,
      commands: ['doctor'],
      metric: metrics.count(BATCH_METRICS.messagesFailed, 'Sum', period),
      ...above(0, SUSTAINED),
    },
    {
      id: 'FunctionFails',
      summary: `The function has failed for ${sustained(period)}: it crashes, runs out of time or does not start.`,
      commands: ['doctor'],
      metric: metrics.errors(period),
      ...above(0, SUSTAINED),
    },
    {
      id: 'FunctionThrottled',
      summary: 'Lambda has refused to run the function for a quarter of an hour: no concurrency is left for it.',
      commands: ['doctor'],
      metric: metrics.throttles(FIVE_MINUTES),
      ...above(0, SUSTAINED),
    },
    {
      id: 'TableThrottled',
      summary: 'DynamoDB has refused writes for a quarter of an hour.',
      commands: ['doctor'],
      metric: new MathExpression({
        // An alarm on AWS/DynamoDB would stay as it is where there are no datapoints. Source: CloudWatch API reference,
        // PutMetricAlarm, TreatMissingData.
        expression: 'FILL(table, 0) + FILL(byDay, 0) + FILL(byUploader, 0)',
        label: 'Refused writes',
        usingMetrics: { ...metrics.tableThrottles(FIVE_MINUTES) },
        period: FIVE_MINUTES,
      }),
      ...above(0, SUSTAINED),
    },
  ];
}

function digestAlarm(
  metrics: LedgerMetrics,
  { retryHours }: Pick<Configuration, 'retryHours'>,
  period: Duration,
): AlarmDefinition {
  return {
    id: 'DigestsFail',
    summary: `Digests could not be sent for ${sustained(period)}. Nothing is lost: they are tried for ${retryHours} hours, and the next one covers the same time. It can wait until the morning.`,
    commands: ['doctor', 'digest preview'],
    metric: metrics.count(EMAIL_METRICS.digestsFailed, 'Sum', period),
    ...above(0, SUSTAINED),
  };
}

/** Minutes for which an alert is tried: while they last, somebody can still see to it that it is sent. */
const ALERT_MINUTES = 60;

/** Raised in time to act. With a timeout so long that three periods take the whole hour, at the first failure. */
function alertAlarm(metrics: LedgerMetrics, period: Duration): AlarmDefinition {
  const periods = SUSTAINED * period.toMinutes() < ALERT_MINUTES ? SUSTAINED : 1;
  return {
    id: 'AlertsFail',
    summary:
      'Alerts cannot be sent. Act now: each is tried for an hour, then given up. The uploads that they are about are recorded.',
    commands: ['doctor', 'alerts test --since 6h'],
    metric: metrics.count(EMAIL_METRICS.alertsFailed, 'Sum', period),
    ...above(0, periods),
  };
}

/** Only of uploads: a lifecycle rule deletes on, and is recorded, long after the last upload. */
function silenceAlarm(metrics: LedgerMetrics, silenceHours: number): AlarmDefinition {
  return {
    id: 'Silence',
    summary: `No upload has been recorded for ${silenceHours} hours, where there should be some.`,
    commands: ['doctor', 'tail'],
    metric: metrics.count(RECORD_METRICS.uploads, 'Sum', Duration.hours(1)),
    threshold: 1,
    operator: ComparisonOperator.LESS_THAN_THRESHOLD,
    periods: silenceHours,
    missing: TreatMissingData.BREACHING,
    // A new ledger has no uploads to show for that time.
    warmUp: Duration.hours(silenceHours),
  };
}

function deletesAlarm(metrics: LedgerMetrics, deletes: number): AlarmDefinition {
  return {
    id: 'ManyDeletes',
    summary: `At least ${deletes} deletes by request have been recorded within five minutes.`,
    commands: ['list --status deleted --since 15m'],
    metric: metrics.count(RECORD_METRICS.deletes, 'Sum', FIVE_MINUTES),
    ...above(deletes - 1, 1),
  };
}
