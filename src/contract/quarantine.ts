/** Why a message can never become a record, whatever the number of retries. Bounded: operators group by it. */
export const QUARANTINE_REASONS = [
  'empty-body',
  'not-json',
  'not-an-s3-event',
  'no-records',
  'unsupported-version',
  'bad-event-record',
  'key-not-decodable',
  'record-too-large',
  'refused-by-dynamodb',
  'bad-digest-tick',
  'bad-alert',
  'email-not-configured',
] as const;

export type QuarantineReason = (typeof QUARANTINE_REASONS)[number];

/** Why a message is quarantined, or why one of its event records cannot be recorded. */
export interface QuarantineCause {
  readonly reason: QuarantineReason;
  /** What was expected and what came. */
  readonly detail: string;
}

/** Message attributes that a quarantined copy carries, each of type String. */
export const QUARANTINE_ATTRIBUTES = {
  reason: 'reason',
  /** What was expected and what came, at most {@link QUARANTINE_DETAIL_LENGTH} characters. */
  detail: 'detail',
  /** Id of the message that the copy was made of. */
  originalMessageId: 'original_message_id',
  /** Bytes of the whole body. Only copies whose body was cut have it. */
  bodyBytes: 'body_bytes',
  /** SHA-256 of the whole body, hexadecimal. Only copies whose body was cut have it. */
  bodySha256: 'body_sha256',
} as const;

export const QUARANTINE_DETAIL_LENGTH = 500;
