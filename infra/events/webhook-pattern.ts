import { ALERT_TOPIC, type BodyFormat, DEFAULT_EVENTS, EVENT_SOURCE } from '../../src/contract/events.ts';
import { keyPatterns } from '../sources/event-rules.ts';
import type { WebhookProps } from '../webhook-props.ts';

/**
 * Which events a webhook gets, as EventBridge's pattern of its rule: those of its ledger, which is not alone on the bus, that
 * have the body that it is sent. A delivery that was redriven names the webhook that missed it: no other one gets it again,
 * and that one gets it whatever it asks for by now.
 *
 * @param tableArn Of the ledger.
 */
export function webhookPattern(
  { name, format = 'json', events = DEFAULT_EVENTS, ...conditions }: Asked,
  tableArn: string,
) {
  const record = recordPattern(conditions);
  const bodies = { [format]: { [LEAVES[format]]: [{ exists: true }] } };
  const chosen = { ...(Object.keys(record).length > 0 && { record }), bodies, redeliver_to: [{ exists: false }] };
  return {
    source: [EVENT_SOURCE],
    resources: [tableArn],
    $or: [{ 'detail-type': [...events], detail: chosen }, { detail: { bodies, redeliver_to: [name] } }],
  };
}

interface Asked extends Omit<WebhookProps, 'secretName' | 'format'> {
  readonly format?: BodyFormat;
}

/** A value that every body of a format has: a pattern asks for values alone, and not for objects. */
const LEAVES: Readonly<Record<BodyFormat, string>> = { json: 'version', slack: 'text', teams: 'type', chat: 'version' };

/** Alerts, for the topic. As with a webhook, what was sent again to another is left out. */
export function alertPattern(tableArn: string) {
  return webhookPattern({ name: ALERT_TOPIC, format: 'chat', events: ['AlertRaised'] }, tableArn);
}

function recordPattern({ prefix, suffix, category, uploader }: Partial<WebhookProps>) {
  const keys = keyPatterns(prefix, suffix);
  return {
    ...(keys.length > 0 && { s3_key: keys }),
    ...(category !== undefined && { category: [category] }),
    ...(uploader !== undefined && { uploader: [uploader] }),
  };
}
