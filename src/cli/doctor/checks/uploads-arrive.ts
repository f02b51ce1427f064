import type { Check } from '../check.ts';
import { bucketListensTo } from './bucket-notification.ts';
import { rulesOf, rulesSendTo } from './event-rules.ts';
import { topicSendsTo } from './topic-subscription.ts';

/** Where the bucket's name would stand in the outputs of a ledger behind a topic. */
export const NO_BUCKET = '-';

/** Whether whatever tells of uploads tells this queue: a bucket's notification, EventBridge rules, or a subscription of a topic. */
export const uploadsArrive: Check = {
  name: 'uploads arrive',
  needs: [
    'cloudformation:ListStackResources',
    's3:GetBucketNotification',
    'events:DescribeRule',
    'events:ListTargetsByRule',
    'cloudformation:DetectStackResourceDrift',
    'sns:GetSubscriptionAttributes',
  ],
  run: async (deployment) => {
    if (deployment.ledger.resources.bucketName === NO_BUCKET) return topicSendsTo(deployment);
    const rules = await rulesOf(deployment);
    return rules.length > 0 ? rulesSendTo(deployment, rules) : bucketListensTo(deployment);
  },
};
