import { EVENT_SOURCE } from '../../src/contract/events.ts';
import { ALERT_TOPIC, DEFAULT_EVENTS } from '../../src/contract/webhooks.ts';
import { keyPatterns } from '../sources/event-rules.ts';
import type { WebhookProps } from '../webhook-props.ts';

/**
 * Which events a webhook gets, as EventBridge's pattern of its rule: those of its ledger, which is not alone on the bus. A
 * delivery that was redriven names the webhook that missed it: no other one gets it again.
 *
 * @param tableArn Of the ledger.
 */
export function webhookPattern(
  { name, events = DEFAULT_EVENTS, ...conditions }: Omit<WebhookProps, 'secretName'>,
  tableArn: string,
) {
  const record = recordPattern(conditions);
  return {
    source: [EVENT_SOURCE],
    'detail-type': [...events],
    resources: [tableArn],
    detail: {
      ...(Object.keys(record).length > 0 && { record }),
      $or: [{ redeliver_to: [{ exists: false }] }, { redeliver_to: [name] }],
    },
  };
}

/** Alerts, for the topic. As with a webhook, what was sent again to another is left out. */
export function alertPattern(tableArn: string) {
  return webhookPattern({ name: ALERT_TOPIC, events: ['AlertRaised'] }, tableArn);
}

function recordPattern({ prefix, suffix, category, uploader }: Partial<WebhookProps>) {
  const keys = keyPatterns(prefix, suffix);
  return {
    ...(keys.length > 0 && { s3_key: keys }),
    ...(category !== undefined && { category: [category] }),
    ...(uploader !== undefined && { uploader: [uploader] }),
  };
}
