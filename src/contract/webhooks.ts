import { type LedgerEventType, RECORD_EVENT_TYPES } from './events.ts';

/** Forms in which a webhook gets an event: as JSON, as a message in Slack, as a card in Microsoft Teams. */
export const WEBHOOK_FORMATS = ['json', 'slack', 'teams'] as const;

export type WebhookFormat = (typeof WEBHOOK_FORMATS)[number];

/** What a webhook gets that does not say what it wants: everything with a record. */
export const DEFAULT_EVENTS: readonly LedgerEventType[] = Object.values(RECORD_EVENT_TYPES);
