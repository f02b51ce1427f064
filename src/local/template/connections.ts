import { formUrlEncode } from '../../contract/s3-notifications.ts';
import type { EventPattern } from '../events/event-pattern.ts';
import type { BucketNotification } from '../s3/notification.ts';
import type { NotificationConfiguration, NotificationConfigurations } from '../s3/notification-configurations.ts';
import { TemplateError } from './document.ts';
import { DEFAULT_BUS } from './event-resources.ts';
import {
  type BucketResource,
  isTopicArn,
  type LocalResources,
  type QueueResource,
  type RuleTarget,
} from './resources.ts';

/**
 * Checks that each resource that another one names is declared, and admits it, where AWS would refuse the deployment.
 *
 * @throws TemplateError for the first resource that names one that is not there.
 */
export function assertConnected(resources: LocalResources): void {
  const { buckets, queues, functions, eventSourceMappings, streamMappings, eventRules, schedules } = resources;
  const { apiDestinations, connections, alarms, dashboards } = resources;
  const queueOf = (logicalId: string, arn: string): QueueResource => {
    const queue = queues.find((candidate) => candidate.arn === arn);
    if (!queue) throw new TemplateError(logicalId, `points at the queue ${arn}, which the template does not declare.`);
    return queue;
  };
  for (const { logicalId, notifications } of buckets) {
    for (const { queueArn } of notifications) queueOf(logicalId, queueArn);
  }
  for (const { logicalId, arn, redrive } of queues) {
    if (!redrive) continue;
    const { redriveAllowedFrom: allowed, name } = queueOf(logicalId, redrive.deadLetterQueueArn);
    if (allowed && !allowed.includes(arn)) {
      throw new TemplateError(logicalId, `its dead-letter queue ${name} admits only ${allowed.join(', ') || 'none'}.`);
    }
  }
  for (const { logicalId, bus, targets, pattern } of eventRules) {
    for (const { arn, deadLetterQueueArn } of targets) {
      if (!isTopicArn(arn) && !apiDestinations.some((destination) => destination.arn === arn)) queueOf(logicalId, arn);
      if (deadLetterQueueArn !== undefined) queueOf(logicalId, deadLetterQueueArn);
    }
    if (bus === DEFAULT_BUS && isAboutBuckets(pattern)) assertMatchesBucket(logicalId, pattern, buckets);
  }
  for (const { logicalId, connectionArn } of apiDestinations) {
    if (connections.some(({ arn }) => arn === connectionArn)) continue;
    throw new TemplateError(logicalId, `uses the connection ${connectionArn}, which the template does not declare.`);
  }
  for (const { logicalId, queueArn } of schedules) queueOf(logicalId, queueArn);
  for (const { logicalId, widgets } of dashboards) {
    const shown = widgets.flatMap((widget) => (widget.kind === 'alarms' ? widget.alarmArns : []));
    const unknown = shown.find((arn) => !alarms.some((alarm) => alarm.arn === arn));
    if (unknown) throw new TemplateError(logicalId, `shows the alarm ${unknown}, which the template does not declare.`);
  }
  for (const { logicalId, queueArn } of eventSourceMappings) queueOf(logicalId, queueArn);
  for (const { logicalId, streamArn, onFailureQueueArn } of streamMappings) {
    if (onFailureQueueArn !== undefined) queueOf(logicalId, onFailureQueueArn);
    if (resources.tables.some(({ stream }) => stream?.arn === streamArn)) continue;
    throw new TemplateError(logicalId, `reads the stream ${streamArn}, which no table of the template has.`);
  }
  for (const { logicalId, functionName } of [...eventSourceMappings, ...streamMappings]) {
    if (functions.some(({ name }) => name === functionName)) continue;
    throw new TemplateError(logicalId, `invokes the function ${functionName}, which the template does not declare.`);
  }
}

function isAboutBuckets({ source }: EventPattern): boolean {
  return Array.isArray(source) && source.includes('aws.s3');
}

/** A rule for a bucket that is not declared, or that sends nothing to EventBridge, would never match an event here. */
function assertMatchesBucket(logicalId: string, { detail }: EventPattern, buckets: LocalResources['buckets']): void {
  const wanted = JSON.stringify(detail ?? {});
  if (buckets.some(({ name, eventBridge }) => eventBridge && wanted.includes(JSON.stringify(name)))) return;
  throw new TemplateError(logicalId, 'listens to no bucket that the template declares and sends to EventBridge.');
}

/** The notification configuration that the template gives a bucket. */
export function notificationConfiguration(bucket: BucketResource): NotificationConfiguration {
  const entries = bucket.notifications.map(({ queueArn, event, prefix, suffix }, at) => ({
    kind: 'Queue' as const,
    id: `${bucket.logicalId}-${at + 1}`,
    destination: queueArn,
    events: [event],
    prefix: prefix === undefined ? undefined : formUrlEncode(prefix),
    suffix: suffix === undefined ? undefined : formUrlEncode(suffix),
  }));
  return { entries, eventBridge: bucket.eventBridge };
}

/**
 * What the object notifier sends, and where: what the buckets' configurations name, and what the rules of the event bus
 * take from buckets that send their events there.
 */
export function toNotifications(
  { buckets, queues, eventRules }: LocalResources,
  configurations: NotificationConfigurations,
): BucketNotification[] {
  const rules = eventRules.filter(({ enabled, bus }) => enabled && bus === DEFAULT_BUS);
  const throughRules = buckets
    .filter(({ name }) => configurations.get(name).eventBridge)
    .flatMap((bucket) =>
      rules.flatMap(({ logicalId, pattern, targets }) =>
        queuesOf(targets, queues).map(({ url }) => ({
          id: logicalId,
          bucket: bucket.name,
          queueUrl: url,
          events: ['s3:*'],
          envelope: 'event-bridge' as const,
          pattern,
        })),
      ),
    );
  return [...configurations.toQueues(), ...throughRules];
}

function queuesOf(targets: readonly RuleTarget[], queues: readonly QueueResource[]): QueueResource[] {
  return targets.flatMap((target) => queues.find(({ arn }) => arn === target.arn) ?? []);
}
