import { Stack } from 'aws-cdk-lib';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { CfnQueuePolicy, Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { physicalName } from '../names.ts';
import type { EventType } from './notification-configuration.ts';

/** Source: EventBridge API reference, `PutRule`, `Name`. */
const RULE_NAME_CHARACTERS = 64;
/** Of `-12`: there is at most one rule for each type of event. */
const NUMBER_CHARACTERS = 3;

/** Characters of a rule's pattern. Source: EventBridge User Guide, "Quotas", event pattern size. */
export const PATTERN_CHARACTERS = 2048;

interface EventBridgeType {
  readonly detailType: string;
  /** What distinguishes events of this type from others of the same `detail-type`. @default nothing */
  readonly detail?: Readonly<Record<string, readonly string[]>>;
}

const [CREATED, DELETED, RESTORED] = ['Object Created', 'Object Deleted', 'Object Restore Completed'] as const;
const REMOVED = { reason: ['DeleteObject'] };
const EXPIRED = { reason: ['Lifecycle Expiration'] };
const VERSION = { 'deletion-type': ['Permanently Deleted'] };
const MARKER = { 'deletion-type': ['Delete Marker Created'] };

/**
 * S3's event types in EventBridge's terms.
 *
 * Source: Amazon S3 User Guide, "Amazon EventBridge mapping and troubleshooting" and "EventBridge event message
 * structure".
 */
const TYPES: Readonly<Record<EventType, EventBridgeType>> = {
  'ObjectCreated:*': { detailType: CREATED },
  'ObjectCreated:Put': { detailType: CREATED, detail: { reason: ['PutObject'] } },
  'ObjectCreated:Post': { detailType: CREATED, detail: { reason: ['POST Object'] } },
  'ObjectCreated:Copy': { detailType: CREATED, detail: { reason: ['CopyObject'] } },
  'ObjectCreated:CompleteMultipartUpload': { detailType: CREATED, detail: { reason: ['CompleteMultipartUpload'] } },
  'ObjectRemoved:*': { detailType: DELETED, detail: REMOVED },
  'ObjectRemoved:Delete': { detailType: DELETED, detail: { ...REMOVED, ...VERSION } },
  'ObjectRemoved:DeleteMarkerCreated': { detailType: DELETED, detail: { ...REMOVED, ...MARKER } },
  'LifecycleExpiration:*': { detailType: DELETED, detail: EXPIRED },
  'LifecycleExpiration:Delete': { detailType: DELETED, detail: { ...EXPIRED, ...VERSION } },
  'LifecycleExpiration:DeleteMarkerCreated': { detailType: DELETED, detail: { ...EXPIRED, ...MARKER } },
  'ObjectRestore:Completed': { detailType: RESTORED },
};

interface EventPatternProps {
  readonly bucketNames: readonly string[];
  readonly events: readonly EventType[];
  readonly prefix?: string | undefined;
  readonly suffix?: string | undefined;
}

/** The fewest patterns that together match `events`, each event once, as EventBridge gets them. */
export function eventPatterns({ bucketNames, events, prefix, suffix }: EventPatternProps) {
  const keys = keyPatterns(prefix, suffix);
  const scope = { bucket: { name: [...bucketNames] }, ...(keys.length > 0 && { object: { key: keys } }) };
  return mergedTypes(events).map(({ detailTypes, detail }) => ({
    source: ['aws.s3'],
    'detail-type': detailTypes,
    detail: { ...scope, ...detail },
  }));
}

/** Types without a detail share one pattern. Both kinds of deletion together need no detail either. */
function mergedTypes(events: readonly EventType[]) {
  const deletesAll = events.includes('ObjectRemoved:*') && events.includes('LifecycleExpiration:*');
  const types = events.map((event) => TYPES[event]).filter(({ detailType }) => !(deletesAll && detailType === DELETED));
  const whole = types.filter(({ detail }) => detail === undefined).map(({ detailType }) => detailType);
  const all = deletesAll ? [...whole, DELETED] : whole;
  const parts = types.filter(({ detail }) => detail !== undefined);
  return [
    ...(all.length > 0 ? [{ detailTypes: all, detail: {} }] : []),
    ...parts.map(({ detailType, detail }) => ({ detailTypes: [detailType], detail })),
  ];
}

/**
 * Several patterns of one field mean "or", so prefix and suffix together become one wildcard. It matches no key in which
 * the two overlap, as `data/` and `/a.json` do in `data/a.json`, and S3's own filter does: those keys are few, and named.
 */
export function keyPatterns(prefix?: string, suffix?: string): (string | Readonly<Record<string, string>>)[] {
  if (prefix !== undefined && suffix !== undefined) {
    return [{ wildcard: `${literal(prefix)}*${literal(suffix)}` }, ...overlappingKeys(prefix, suffix)];
  }
  if (prefix !== undefined) return [{ prefix }];
  return suffix === undefined ? [] : [{ suffix }];
}

/** Keys that begin with `prefix`, end with `suffix`, and are shorter than both together. */
function overlappingKeys(prefix: string, suffix: string): string[] {
  const lengths = Array.from({ length: Math.min(prefix.length, suffix.length) }, (_, index) => index + 1);
  return lengths
    .filter((shared) => prefix.endsWith(suffix.slice(0, shared)))
    .map((shared) => prefix + suffix.slice(shared));
}

/** Source: EventBridge User Guide, "Wildcard matching". */
function literal(text: string): string {
  return text.replaceAll(/[\\*]/g, '\\$&');
}

interface BucketEventsProps extends EventPatternProps {
  /** The target. Its policy is extended to admit the rules and nothing else. */
  readonly queue: Queue;
  /** For events that EventBridge cannot deliver to the queue within a day. */
  readonly deadLetterQueue: Queue;
}

/**
 * Rules on the account's default bus that send the events of buckets to the queue. The buckets are not changed: each
 * must be configured to send its events to EventBridge.
 *
 * The queues admit rules by the beginning of their names, which no other deployment has: so a rule that is added or
 * removed later is admitted for as long as it exists. EventBridge does not try again what a queue refuses.
 */
export class BucketEvents extends Construct {
  readonly rules: readonly CfnRule[];

  constructor(scope: Construct, id: string, props: BucketEventsProps) {
    super(scope, id);
    const { queue, deadLetterQueue } = props;
    const name = physicalName(this, RULE_NAME_CHARACTERS - NUMBER_CHARACTERS);
    const ruleArns = Stack.of(this).formatArn({ service: 'events', resource: 'rule', resourceName: `${name}-*` });
    const policies = [queue, deadLetterQueue].map((one) => {
      one.addToResourcePolicy(sendStatement(one, ruleArns));
      return one.node.findChild('Policy').node.defaultChild as CfnQueuePolicy;
    });
    this.rules = eventPatterns(props).map((eventPattern, index) => {
      const rule = new CfnRule(this, `Rule${index + 1}`, {
        name: `${name}-${index + 1}`,
        description: 'Uploads for the ledger',
        eventPattern,
        targets: [{ id: 'Queue', arn: queue.queueArn, deadLetterConfig: { arn: deadLetterQueue.queueArn } }],
      });
      for (const policy of policies) rule.addResourceDependency(policy);
      return rule;
    });
  }
}

/** Source: EventBridge User Guide, "Using resource-based policies", Amazon SQS permissions. */
function sendStatement(queue: Queue, ruleArns: string): PolicyStatement {
  return new PolicyStatement({
    principals: [new ServicePrincipal('events.amazonaws.com')],
    actions: ['sqs:SendMessage'],
    resources: [queue.queueArn],
    conditions: { ArnLike: { 'aws:SourceArn': ruleArns } },
  });
}
