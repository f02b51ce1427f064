import { Token } from 'aws-cdk-lib';
import { DEFAULTS } from '../../src/contract/defaults.ts';
import type { LedgerEventType } from '../../src/contract/events.ts';
import { LIMITS } from '../../src/contract/limits.ts';
import { receivesFor, visibilityTimeoutSeconds } from '../queues.ts';
import { eventPatterns, PATTERN_CHARACTERS } from '../sources/event-rules.ts';
import { overlappingEventTypes } from '../sources/notification-configuration.ts';
import { type Configuration, publishesEvents } from './configuration.ts';
import { bucketNameOf, isExisting, isTopic, type Source, usesEventBridge } from './source.ts';

/** A rule between settings. It is checked only when each of them is valid by itself. */
export interface CrossRule {
  /** The settings that the rule reads. A violation is reported at the first. */
  readonly keys: readonly [keyof Configuration, ...(keyof Configuration)[]];
  /** What is wrong, as the end of a sentence that begins with the first setting and its value; undefined: nothing. */
  readonly violation: (configuration: Configuration) => string | undefined;
}

/** Source: Amazon S3 User Guide, "General purpose bucket naming rules". */
const LONGEST_BUCKET_NAME = 'x'.repeat(63);

const SOURCE_RULES: readonly CrossRule[] = [
  {
    keys: ['prefix', 'suffix', 'source', 'events'],
    violation: ({ prefix, suffix, source, events }) => {
      if (!usesEventBridge(source)) return undefined;
      const patterns = eventPatterns({ bucketNames: bucketNames(source), events, prefix, suffix });
      const excess = Math.max(...patterns.map((pattern) => JSON.stringify(pattern).length)) - PATTERN_CHARACTERS;
      return excess > 0
        ? `must fit with suffix and the buckets' names into an EventBridge rule, but are ${excess} characters too long`
        : undefined;
    },
  },
  {
    // Source: SNS developer guide, "Filter policy logical operators": there is no "and" of one property.
    keys: ['suffix', 'prefix', 'source'],
    violation: ({ prefix, suffix, source }) =>
      isTopic(source) && prefix !== undefined && suffix !== undefined
        ? 'cannot be used with prefix when source is a topic: a subscription filters by only one of them'
        : undefined,
  },
  {
    keys: ['uploaderMetadata', 'source'],
    violation: ({ uploaderMetadata, source }) =>
      uploaderMetadata && isTopic(source)
        ? 'must not be true when source is a topic: the ledger does not know the buckets, so it cannot be allowed to read them'
        : undefined,
  },
];

/** Those that only the deployment knows are as long as they can be. */
function bucketNames(source: Source): string[] {
  if (isTopic(source)) return [];
  if (!isExisting(source)) return [LONGEST_BUCKET_NAME];
  return source.buckets.map(bucketNameOf).map((name) => (Token.isUnresolved(name) ? LONGEST_BUCKET_NAME : name));
}

const EMAIL_RULES: readonly CrossRule[] = [
  needsSender('digests'),
  needsSender('alerts'),
  {
    keys: ['emailSender', 'digests', 'alerts'],
    violation: ({ emailSender, digests = [], alerts = [] }) =>
      emailSender !== undefined && digests.length + alerts.length === 0
        ? 'needs digests or alerts: without them no email is sent'
        : undefined,
  },
  {
    keys: ['alerts', 'events'],
    violation: ({ alerts = [], events }) => {
      const tellsOfDeletes = events.some((type) => /^(ObjectRemoved|LifecycleExpiration):/.test(type));
      return alerts.some(({ status }) => status === 'deleted') && !tellsOfDeletes
        ? 'must not ask for deletes when events include none: add ObjectRemoved:*'
        : undefined;
    },
  },
  {
    keys: ['alertsPerMinute', 'alerts'],
    violation: ({ alertsPerMinute, alerts = [] }) =>
      alertsPerMinute !== DEFAULTS.alertsPerMinute && alerts.length === 0
        ? 'needs alerts: without them it changes nothing'
        : undefined,
  },
  {
    keys: ['consoleUrl', 'digests', 'alerts'],
    violation: ({ consoleUrl, digests = [], alerts = [] }) =>
      consoleUrl !== undefined && digests.length + alerts.length === 0
        ? 'needs digests or alerts: without them no email links to it'
        : undefined,
  },
  {
    keys: ['sesSandbox', 'digests', 'alerts'],
    violation: ({ sesSandbox, digests = [], alerts = [] }) =>
      sesSandbox && digests.length + alerts.length === 0
        ? 'needs digests or alerts: without them no email is sent'
        : undefined,
  },
  {
    keys: ['alertsPerMinute', 'alerts'],
    violation: ({ alertsPerMinute, alerts = [] }) =>
      alerts.length > alertsPerMinute
        ? `must be at least the number of alerts (${alerts.length}): one email a minute is reserved for each`
        : undefined,
  },
];

const WEBHOOK_RULES: readonly CrossRule[] = [
  tellsOf('AlertRaised', 'alerts'),
  tellsOf('DigestReady', 'digests'),
  {
    keys: ['alertTopic', 'alerts'],
    violation: ({ alertTopic, alerts = [] }) =>
      alertTopic !== undefined && alerts.length === 0 ? 'needs alerts: without them it gets nothing' : undefined,
  },
];

/** All rules, in the order in which violations are reported. */
export const CROSS_RULES: readonly CrossRule[] = [
  ...SOURCE_RULES,
  {
    // Source: Lambda developer guide, "Creating and configuring an Amazon SQS event source mapping".
    keys: ['batchWindowSeconds', 'batchSize'],
    violation: ({ batchWindowSeconds, batchSize }) =>
      batchSize > LIMITS.lambda.batchSizeWithoutWindow && batchWindowSeconds < 1
        ? `must be at least 1 when batchSize is over ${LIMITS.lambda.batchSizeWithoutWindow} (it is ${batchSize})`
        : undefined,
  },
  {
    // Source: Lambda developer guide, "Configuring maximum concurrency for Amazon SQS event sources".
    keys: ['reservedConcurrency', 'maximumConcurrency'],
    violation: ({ reservedConcurrency, maximumConcurrency }) =>
      reservedConcurrency !== undefined && reservedConcurrency < maximumConcurrency
        ? `must be at least maximumConcurrency (it is ${maximumConcurrency}): Lambda would refuse batches`
        : undefined,
  },
  {
    keys: ['retryHours', 'timeoutSeconds', 'batchWindowSeconds'],
    violation: (configuration) => {
      const { receives } = LIMITS.sqs;
      const needed = receivesFor(configuration);
      if (needed <= receives) return undefined;
      const visibility = visibilityTimeoutSeconds(configuration);
      const longest = Math.floor((receives * visibility) / 3_600);
      const takes = `${needed.toLocaleString('en-US')} receives, one in each visibility timeout of ${visibility} s`;
      const advice = `set it to ${longest} or less, or raise timeoutSeconds`;
      return `takes ${takes}, and must not take more than the ${receives.toLocaleString('en-US')} that SQS allows: ${advice}`;
    },
  },
  {
    keys: ['events'],
    violation: ({ events }) => {
      const overlapping = overlappingEventTypes(events);
      return overlapping.length > 0
        ? `must name each event type once; also covered by another entry: ${overlapping.join(', ')}`
        : undefined;
    },
  },
  {
    keys: ['deletesPerFiveMinutes', 'events'],
    violation: ({ deletesPerFiveMinutes, events }) =>
      deletesPerFiveMinutes !== undefined && !events.some((type) => type.startsWith('ObjectRemoved:'))
        ? 'needs events that include deletes, ObjectRemoved:*: without them the alarm is never raised'
        : undefined,
  },
  {
    keys: ['silenceHours', 'events'],
    violation: ({ silenceHours, events }) =>
      silenceHours !== undefined && !events.some((type) => type.startsWith('ObjectCreated:'))
        ? 'needs events that include uploads, ObjectCreated:*: without them the alarm is always raised'
        : undefined,
  },
  {
    keys: ['alarmTopic', 'alarmEmails'],
    violation: ({ alarmTopic, alarmEmails }) =>
      alarmTopic !== undefined && alarmEmails !== undefined
        ? 'cannot be used with alarmEmails: subscribe the addresses to that topic'
        : undefined,
  },
  {
    keys: ['announceBackfill', 'recordedEventsBus', 'webhooks', 'alertTopic'],
    violation: (configuration) =>
      !configuration.announceBackfill && !publishesEvents(configuration)
        ? 'needs recordedEventsBus, webhooks or alertTopic: without them nothing is announced'
        : undefined,
  },
  ...EMAIL_RULES,
  ...WEBHOOK_RULES,
  {
    keys: ['uploaderKeyTemplate', 'prefix'],
    violation: ({ uploaderKeyTemplate, prefix }) => {
      if (uploaderKeyTemplate === undefined || prefix === undefined) return undefined;
      const [literal = ''] = uploaderKeyTemplate.split('{');
      const agree = literal.startsWith(prefix) || prefix.startsWith(literal);
      return agree ? undefined : `must be able to match keys that begin with prefix (it is ${JSON.stringify(prefix)})`;
    },
  },
];

function needsSender(key: 'digests' | 'alerts'): CrossRule {
  return {
    keys: [key, 'emailSender'],
    violation: (configuration) =>
      (configuration[key]?.length ?? 0) > 0 && configuration.emailSender === undefined
        ? 'needs emailSender, the address that they come from'
        : undefined,
  };
}

/** A webhook for events that never come is probably a mistake. */
function tellsOf(event: LedgerEventType, key: 'alerts' | 'digests'): CrossRule {
  return {
    keys: ['webhooks', key],
    violation: ({ webhooks = [], [key]: given = [] }) =>
      webhooks.some(({ events = [] }) => events.includes(event)) && given.length === 0
        ? `must not ask for ${event} without ${key}: without them there are no such events`
        : undefined,
  };
}
