import type { Alert } from '../digest/alerts/alert-rules.ts';
import type { Digest } from '../digest/email/digest-email.ts';
import { countHeldBack } from '../digest/summary/batch-summary.ts';
import { type LedgerEvent, toAlertEvent, toDigestEvent } from '../events/event.ts';
import { toOutboxItem } from '../events/outbox.ts';
import type { SendPuts } from '../ledger/write/batch-write.ts';
import { UploadLedgerError } from '../shared/errors.ts';
import { type RetryOptions, retry } from '../shared/retry.ts';

type Bounds = Pick<RetryOptions, 'clock' | 'deadline'>;

/**
 * Announces alerts and digests to other systems: puts each event into the table, whose stream the publisher reads. So
 * it needs no call to EventBridge, and an event is as durable as a record.
 */
export interface Announcer {
  /**
   * @param alerts Of one batch, whether or not their emails are held back.
   * @throws whatever the table refused them with. The batch has to come back then, or nobody would be told.
   */
  announceAlerts(alerts: readonly Alert[], bounds: Bounds): Promise<void>;
  /** @throws whatever the table refused it with. The tick has to come back then. */
  announceDigest(digest: Digest, bounds: Bounds): Promise<void>;
}

/** @param send Puts the items. */
export function createAnnouncer(send: SendPuts): Announcer {
  return {
    announceAlerts: (alerts, bounds) => put(alerts.map(toAlertEvent), send, bounds),
    announceDigest: ({ name, since: from, until: to, summary }, bounds) => {
      const { uploads, deletes, versionsDeleted, restores, failed, quarantined } = summary;
      const totals = {
        uploads: uploads.count,
        bytes: uploads.bytes,
        deletes,
        versions_deleted: versionsDeleted,
        restores,
        messages_failed: failed,
        messages_quarantined: quarantined,
        alerts_held_back: countHeldBack(summary),
      };
      return put([toDigestEvent({ name, from, to, totals })], send, bounds);
    },
  };
}

/** At most 20 events, the number of rules: one call takes 25 items. */
async function put(events: readonly LedgerEvent[], send: SendPuts, bounds: Bounds): Promise<void> {
  let waiting = events.map((event) => toOutboxItem(event, bounds.clock.now()));
  if (waiting.length === 0) return;
  await retry(async (signal) => {
    const left = new Set((await send(waiting, signal)).map(({ upload_id }) => upload_id));
    waiting = waiting.filter(({ upload_id }) => left.has(upload_id));
    if (waiting.length > 0) throw new EventsNotPutError(waiting.length);
  }, bounds);
}

/** DynamoDB was throttled, and left some of the items out. */
class EventsNotPutError extends UploadLedgerError {
  override readonly name = 'EventsNotPutError';

  constructor(count: number) {
    super('events-not-put', `DynamoDB left out ${count} of the events`);
  }
}
