import { type EventPattern, type IRuleTarget, Rule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { EventType } from './notification-configuration.ts';

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

/** The fewest patterns that together match `events`, each event once. */
export function eventPatterns({ bucketNames, events, prefix, suffix }: EventPatternProps): EventPattern[] {
  const key = keyPattern(prefix, suffix);
  const scope = { bucket: { name: [...bucketNames] }, ...(key !== undefined && { object: { key: [key] } }) };
  return mergedTypes(events).map(({ detailTypes, detail }) => ({
    source: ['aws.s3'],
    detailType: detailTypes,
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

/** Several patterns of one field mean "or", so prefix and suffix together become one wildcard. */
function keyPattern(prefix?: string, suffix?: string) {
  if (prefix !== undefined && suffix !== undefined) return { wildcard: `${literal(prefix)}*${literal(suffix)}` };
  if (prefix !== undefined) return { prefix };
  return suffix === undefined ? undefined : { suffix };
}

/** Source: EventBridge User Guide, "Wildcard matching". Filters never hold an asterisk. */
function literal(text: string): string {
  return text.replaceAll('\\', '\\\\');
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
 */
export class BucketEvents extends Construct {
  constructor(scope: Construct, id: string, props: BucketEventsProps) {
    super(scope, id);
    const patterns = eventPatterns(props);
    const rules = patterns.map((pattern, index) => this.#rule(pattern, index === 0 ? '' : `${index + 1}`, props));
    const arns = rules.map(({ ruleArn }) => ruleArn);
    for (const queue of [props.queue, props.deadLetterQueue]) queue.addToResourcePolicy(sendStatement(queue, arns));
  }

  #rule(eventPattern: EventPattern, number: string, { queue, deadLetterQueue }: BucketEventsProps): Rule {
    // The CDK's own target grants more than sending.
    const target: IRuleTarget = {
      bind: () => ({ arn: queue.queueArn, deadLetterConfig: { arn: deadLetterQueue.queueArn } }),
    };
    return new Rule(this, `Rule${number}`, { description: 'Uploads for the ledger', eventPattern, targets: [target] });
  }
}

/** Source: EventBridge User Guide, "Using resource-based policies", Amazon SQS permissions. */
function sendStatement(queue: Queue, ruleArns: string[]): PolicyStatement {
  return new PolicyStatement({
    principals: [new ServicePrincipal('events.amazonaws.com')],
    actions: ['sqs:SendMessage'],
    resources: [queue.queueArn],
    conditions: { ArnEquals: { 'aws:SourceArn': ruleArns } },
  });
}
