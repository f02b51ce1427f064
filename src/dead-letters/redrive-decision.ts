import type { QuarantineReason } from '../contract/quarantine.ts';
import { RecordTooLargeError } from '../ledger/errors.ts';
import type { LedgerRecord } from '../ledger/record.ts';
import { type RecordSettings, toLedgerRecord } from '../ledger/record.ts';
import { UnreadableMessageError } from '../notification/fields.ts';
import type { EventRecord, Unreadable } from '../notification/notification.ts';
import { parseMessageBody } from '../notification/parse-message.ts';
import { toUpload, type UploadSettings } from '../upload/upload.ts';

/** What would become of a message if it were received now. */
export type Verdict =
  | {
      readonly succeeds: true;
      readonly kind: 'events' | 'test-event' | 'digest-tick';
      /** What it would store; none for a test event, a digest tick, and events of types that the ledger does not store. */
      readonly records: readonly LedgerRecord[];
    }
  | { readonly succeeds: false; readonly reason: QuarantineReason; readonly detail: string };

export interface VerdictSettings {
  readonly uploads: UploadSettings;
  readonly records: RecordSettings;
}

/**
 * Runs a message's body through the same stages as the consumer, up to the write. What only the write can tell (the table refuses the
 * record, or is not there) remains to be seen.
 */
export function judge(body: string, settings: VerdictSettings): Verdict {
  try {
    const notification = parseMessageBody(body);
    if (notification.kind !== 'events') return { succeeds: true, kind: notification.kind, records: [] };
    const [unreadable] = notification.unreadable;
    if (unreadable !== undefined) return failure(unreadable);
    return { succeeds: true, kind: 'events', records: recordsOf(notification.events, settings) };
  } catch (error) {
    if (error instanceof UnreadableMessageError) return failure({ reason: error.code, detail: error.detail });
    if (error instanceof RecordTooLargeError) return failure({ reason: 'record-too-large', detail: error.message });
    throw error;
  }
}

function recordsOf(events: readonly EventRecord[], { uploads, records }: VerdictSettings): LedgerRecord[] {
  return events.flatMap((event) => {
    const upload = toUpload(event, uploads);
    return upload === undefined ? [] : [toLedgerRecord(upload, records)];
  });
}

function failure({ reason, detail }: Unreadable): Verdict {
  return { succeeds: false, reason, detail };
}
