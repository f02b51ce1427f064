import { LIMITS } from '../../src/contract/limits.ts';
import { consumerEnvironment } from '../consumer-environment.ts';
import { LONGEST_SERVICE_NAME } from '../names.ts';
import { eventPatterns } from '../sources/event-rules.ts';
import { overlappingEventTypes } from '../sources/notification-configuration.ts';
import type { Configuration } from './configuration.ts';

/** A rule that holds between settings. Looked at only when each of them is valid by itself. */
export interface CrossRule {
  /** The settings that the rule reads; a fault is reported at the first. */
  readonly keys: readonly [keyof Configuration, ...(keyof Configuration)[]];
  /** The rule that is broken, following on from the first setting's value; undefined when it holds. */
  readonly broken: (configuration: Configuration) => string | undefined;
}

/** Characters of a rule's pattern. Source: EventBridge User Guide, "Quotas", event pattern size. */
const PATTERN_CHARACTERS = 2048;

/** As long as the name of the stack's own bucket, which is known only at deployment. */
const LONGEST_BUCKET_NAME = 'x'.repeat(63);

/** What says where uploads are heard of, and what only makes sense with one of them. */
type SourceKey = 'bucketName' | 'delivery' | 'prefix' | 'suffix' | 'existingBuckets';

const isGiven = (configuration: Configuration, key: SourceKey) =>
  configuration[key] !== undefined && !(key === 'delivery' && configuration.delivery === 'notification');

function excludes(key: 'existingBuckets' | 'sourceTopicArn', others: readonly SourceKey[], why: string): CrossRule {
  return {
    keys: [key, ...others],
    broken: (configuration) => {
      const given = others.filter((other) => isGiven(configuration, other));
      if (configuration[key] === undefined || given.length === 0) return undefined;
      return `must not be given beside ${given.join(', ')}: ${why}`;
    },
  };
}

/** What is wrong with reading metadata of buckets that nobody names. */
export const METADATA_BEHIND_TOPIC =
  'must not be true behind a topic: the ledger does not know its buckets, and can be allowed to read none of them';

/** A ledger hears of uploads in one way: from a bucket of its own, from buckets that are there, or from a topic. */
export const SOURCE_RULES: readonly CrossRule[] = [
  excludes('existingBuckets', ['bucketName', 'delivery'], 'they say how a bucket of the stack’s own is made'),
  excludes(
    'sourceTopicArn',
    ['existingBuckets', 'bucketName', 'delivery', 'prefix', 'suffix'],
    'which events arrive is decided where buckets send them to the topic',
  ),
  {
    keys: ['prefix', 'suffix', 'existingBuckets', 'delivery', 'events'],
    broken: ({ prefix, suffix, existingBuckets, delivery, events }) => {
      if (existingBuckets === undefined && delivery !== 'eventbridge') return undefined;
      const bucketNames = existingBuckets ?? [LONGEST_BUCKET_NAME];
      const filter = { ...(prefix !== undefined && { prefix }), ...(suffix !== undefined && { suffix }) };
      const lengths = eventPatterns({ bucketNames, events, ...filter }).map(
        (pattern) => JSON.stringify(pattern).length,
      );
      const tooMany = Math.max(...lengths) - PATTERN_CHARACTERS;
      return tooMany > 0
        ? `must fit with suffix and the buckets' names into a rule of EventBridge, and are ${tooMany} characters too long`
        : undefined;
    },
  },
  {
    keys: ['uploaderMetadata', 'sourceTopicArn'],
    broken: ({ uploaderMetadata, sourceTopicArn }) =>
      uploaderMetadata && sourceTopicArn !== undefined ? METADATA_BEHIND_TOPIC : undefined,
  },
];

/** Longest values that are known only at deployment: DynamoDB's and SQS's limits of names, and the longest Region. */
const LONGEST_TABLE_NAME = 'x'.repeat(255);
const LONGEST_QUEUE_URL = `https://sqs.ap-northeast-1.amazonaws.com.cn/123456789012/${'x'.repeat(80)}`;
const LONGEST_NAMES = {
  tableName: LONGEST_TABLE_NAME,
  deadLetterQueueUrl: LONGEST_QUEUE_URL,
  serviceName: 'x'.repeat(LONGEST_SERVICE_NAME),
};

function needsSender(key: 'digests' | 'alerts'): CrossRule {
  return {
    keys: [key, 'emailSender'],
    broken: (configuration) =>
      (configuration[key]?.length ?? 0) > 0 && configuration.emailSender === undefined
        ? 'must come with emailSender, the address that they come from'
        : undefined,
  };
}

/** Rules between the settings of email. */
export const EMAIL_RULES: readonly CrossRule[] = [
  needsSender('digests'),
  needsSender('alerts'),
  {
    keys: ['emailSender', 'digests', 'alerts'],
    broken: ({ emailSender, digests = [], alerts = [] }) =>
      emailSender !== undefined && digests.length + alerts.length === 0
        ? 'must come with digests or alerts: without them no email is sent'
        : undefined,
  },
  {
    // Source: Lambda developer guide, "Quotas", environment variables.
    keys: [
      'alerts',
      'emailSender',
      'alertsPerMinute',
      'indexShards',
      'uploaderKeyTemplate',
      'uploaderMetadata',
      'retentionDays',
      'logLevel',
    ],
    broken: (configuration) => {
      if (configuration.alerts === undefined) return undefined;
      const variables = Object.entries(consumerEnvironment({ configuration, ...LONGEST_NAMES }));
      const bytes = variables.reduce((sum, entry) => sum + Buffer.byteLength(entry.join('')), 0);
      const tooMany = bytes - LIMITS.lambda.environmentBytes;
      return tooMany > 0
        ? `must fit into the function's environment of 4 KB, and are ${tooMany} bytes too long: send to a mailing list in place of many recipients`
        : undefined;
    },
  },
];

export const CROSS_RULES: readonly CrossRule[] = [
  ...SOURCE_RULES,
  {
    // Source: Lambda developer guide, "Creating and configuring an Amazon SQS event source mapping".
    keys: ['batchWindowSeconds', 'batchSize'],
    broken: ({ batchWindowSeconds, batchSize }) =>
      batchSize > LIMITS.lambda.batchSizeWithoutWindow && batchWindowSeconds < 1
        ? `must be at least 1 when batchSize is over ${LIMITS.lambda.batchSizeWithoutWindow} (it is ${batchSize})`
        : undefined,
  },
  {
    keys: ['events'],
    broken: ({ events }) => {
      const overlapping = overlappingEventTypes(events);
      return overlapping.length > 0
        ? `must name each event type once; also covered by another entry: ${overlapping.join(', ')}`
        : undefined;
    },
  },
  {
    keys: ['alarmTopicArn', 'alarmEmails'],
    broken: ({ alarmTopicArn, alarmEmails }) =>
      alarmTopicArn !== undefined && alarmEmails !== undefined
        ? 'must not be given beside alarmEmails: subscribe the addresses to that topic'
        : undefined,
  },
  ...EMAIL_RULES,
  {
    keys: ['uploaderKeyTemplate', 'prefix'],
    broken: ({ uploaderKeyTemplate, prefix }) => {
      if (uploaderKeyTemplate === undefined || prefix === undefined) return undefined;
      const [literal = ''] = uploaderKeyTemplate.split('{');
      const agree = literal.startsWith(prefix) || prefix.startsWith(literal);
      return agree ? undefined : `must be able to match keys that begin with prefix (it is ${JSON.stringify(prefix)})`;
    },
  },
];
