import type { QuarantineReason } from '../contract/quarantine.ts';
import { type LedgerRecord, type RecordingSettings, toLedgerRecord } from '../ledger/record.ts';
import { RecordTooLargeError } from '../ledger/record-key.ts';
import type { EventRecord } from '../notification/event-record.ts';
import { UnreadableMessageError } from '../notification/fields.ts';
import { parseMessageBody } from '../notification/parse-message.ts';
import { toUpload } from '../upload/upload.ts';

/** What would become of a message if it were received now. */
export type RedriveDecision =
  | {
      readonly succeeds: true;
      readonly kind: 'events' | 'test-event' | 'digest-tick' | 'alert' | 'held-back-alerts';
      /** What it would store; none for a test event, a digest tick, an alert, and event types that the ledger does not store. */
      readonly records: readonly LedgerRecord[];
    }
  | { readonly succeeds: false; readonly reason: QuarantineReason; readonly detail: string };

/**
 * Runs a message's body through the same stages as the consumer, up to the write. What only the write can tell (the
 * table refuses the record, or is not there) remains to be seen.
 */
export function decideRedrive(body: string, settings: RecordingSettings): RedriveDecision {
  try {
    const notification = parseMessageBody(body);
    if (notification.kind !== 'events') return { succeeds: true, kind: notification.kind, records: [] };
    const [unreadable] = notification.unreadable;
    if (unreadable !== undefined) return { succeeds: false, ...unreadable };
    return { succeeds: true, kind: 'events', records: toRecords(notification.events, settings) };
  } catch (error) {
    if (error instanceof UnreadableMessageError) return { succeeds: false, reason: error.code, detail: error.detail };
    if (error instanceof RecordTooLargeError)
      return { succeeds: false, reason: 'record-too-large', detail: error.message };
    throw error;
  }
}

function toRecords(events: readonly EventRecord[], { uploads, records }: RecordingSettings): LedgerRecord[] {
  return events.flatMap((event) => {
    const upload = toUpload(event, uploads);
    return upload === undefined ? [] : [toLedgerRecord(upload, records)];
  });
}

/** What the message would store, or what is wrong with it, in one line. Holds untrusted text. */
export function decisionText(decision: RedriveDecision): string {
  if (!decision.succeeds) return `${decision.reason}: ${decision.detail}`;
  if (decision.kind === 'test-event') return 'a test event of S3, which stores nothing';
  if (decision.kind === 'digest-tick') return 'the time to send a digest';
  if (decision.kind === 'alert') return 'an alert that is to be sent';
  if (decision.kind === 'held-back-alerts') return 'the time to report alerts that were held back';
  const [first, ...others] = decision.records;
  if (first === undefined) return 'an event that the ledger does not store';
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return `${first.status} s3://${first.s3_bucket}/${first.s3_key}${more}`;
}
