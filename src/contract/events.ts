/** How the events are marked on the event bus, for the rules of other services. */
export const EVENT_SOURCE = 'upload-ledger';

/** Of the events' form. A change that breaks a receiver gets a new number; new fields do not. */
export const EVENT_VERSION = 1;

/** What the event of a ledger record is called, by the record's `status`. */
export const RECORD_EVENT_TYPES = {
  uploaded: 'UploadRecorded',
  deleted: 'DeleteRecorded',
  restored: 'RestoreRecorded',
} as const;

export type RecordEventType = (typeof RECORD_EVENT_TYPES)[keyof typeof RECORD_EVENT_TYPES];

/** Every `detail-type`. */
export const LEDGER_EVENT_TYPES = [...Object.values(RECORD_EVENT_TYPES), 'AlertRaised', 'DigestReady'] as const;

export type LedgerEventType = (typeof LEDGER_EVENT_TYPES)[number];

/**
 * Attributes of an item that waits in the table to be published: an event that is about no record of its own. Its stream
 * record is read by the publisher like those of the ledger records.
 */
export const OUTBOX = { type: 'event_type', detail: 'event_detail' } as const;

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
