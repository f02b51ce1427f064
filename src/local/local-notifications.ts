import { formUrlEncode } from './object-notifier/form-url-encode.ts';
import type { BucketNotification } from './object-notifier/notification-config.ts';
import type { LocalResources } from './template-resources.ts';

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
