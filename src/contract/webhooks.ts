import { type LedgerEventType, RECORD_EVENT_TYPES } from './events.ts';

/** Forms in which a webhook gets an event: as JSON, as a message in Slack, as a card in Microsoft Teams. */
export const WEBHOOK_FORMATS = ['json', 'slack', 'teams'] as const;

export type WebhookFormat = (typeof WEBHOOK_FORMATS)[number];

/** Forms of the bodies that events have: `chat` is that of alerts for an SNS topic. */
export const BODY_FORMATS = [...WEBHOOK_FORMATS, 'chat'] as const;

export type BodyFormat = (typeof BODY_FORMATS)[number];

/** As `redeliver_to` and in the list of webhooks, where no webhook can have this name. */
export const ALERT_TOPIC = 'sns:alerts';

/** The address of the webhook that the local stack adds for `--forward`. No host has this name: the stack replaces it. */
export const FORWARDED_URL = 'https://forward.invalid/';

/** What a webhook gets that does not say what it wants: everything with a record. */
export const DEFAULT_EVENTS: readonly LedgerEventType[] = Object.values(RECORD_EVENT_TYPES);
