import type { Configuration } from './configuration.ts';
import type { CrossRule } from './cross-rules.ts';
import { eventPatterns } from './sources/event-patterns.ts';

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
