import { type BucketNotification, type EventPattern, formUrlEncode } from '../s3/notification.ts';
import { TemplateError } from './document.ts';
import type { LocalResources, QueueResource } from './resources.ts';

type Connected = Pick<
  LocalResources,
  'buckets' | 'queues' | 'functions' | 'eventSourceMappings' | 'eventRules' | 'schedules'
>;

/**
 * Checks that whatever a resource points at is declared as well, and admits it, where AWS would refuse the deployment.
 *
 * @throws TemplateError at the resource that points at nothing.
 */
export function assertConnected(resources: Connected): void {
  const { buckets, queues, functions, eventSourceMappings, eventRules, schedules } = resources;
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
  for (const { logicalId, queueArns, pattern } of eventRules) {
    for (const arn of queueArns) queueOf(logicalId, arn);
    assertHeard(logicalId, pattern, buckets);
  }
  for (const { logicalId, queueArn } of schedules) queueOf(logicalId, queueArn);
  for (const { logicalId, queueArn, functionName } of eventSourceMappings) {
    queueOf(logicalId, queueArn);
    if (!functions.some(({ name }) => name === functionName)) {
      throw new TemplateError(logicalId, `invokes the function ${functionName}, which the template does not declare.`);
    }
  }
}

/** A rule that waits for the events of a bucket that sends none, or stands elsewhere, would run here and do nothing. */
function assertHeard(logicalId: string, { detail }: EventPattern, buckets: Connected['buckets']): void {
  const wanted = JSON.stringify(detail ?? {});
  const heard = buckets.some(({ name, eventBridge }) => eventBridge && wanted.includes(JSON.stringify(name)));
  if (!heard)
    throw new TemplateError(logicalId, 'listens to no bucket that the template declares and sends to EventBridge.');
}

type Sources = Pick<LocalResources, 'buckets' | 'queues' | 'eventRules'>;

/** What the object notifier has to tell, and whom: the buckets' own configurations, and the rules of the event bus. */
export function toNotifications(resources: Sources): BucketNotification[] {
  return [...direct(resources), ...throughRules(resources)];
}

function direct({ buckets, queues }: Sources): BucketNotification[] {
  return buckets.flatMap((bucket) =>
    bucket.notifications.map(({ queueArn, event, prefix, suffix }) => ({
      id: bucket.logicalId,
      bucket: bucket.name,
      queueUrl: urlOf(queueArn, queues),
      events: [event],
      ...(prefix !== undefined && { prefix: formUrlEncode(prefix) }),
      ...(suffix !== undefined && { suffix: formUrlEncode(suffix) }),
    })),
  );
}

function throughRules({ buckets, queues, eventRules }: Sources): BucketNotification[] {
  const rules = eventRules.filter(({ enabled }) => enabled);
  return buckets
    .filter(({ eventBridge }) => eventBridge)
    .flatMap((bucket) =>
      rules.flatMap(({ logicalId, pattern, queueArns }) =>
        queueArns.map((arn) => ({
          id: logicalId,
          bucket: bucket.name,
          queueUrl: urlOf(arn, queues),
          events: ['s3:*'],
          envelope: 'event-bridge' as const,
          pattern,
        })),
      ),
    );
}

function urlOf(queueArn: string, queues: LocalResources['queues']): string {
  return queues.find(({ arn }) => arn === queueArn)?.url ?? '';
}
