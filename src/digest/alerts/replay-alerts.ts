import { DEFAULTS } from '../../contract/defaults.ts';
import type { EmailSettings } from '../../contract/email-settings.ts';
import type { LedgerRecord } from '../../ledger/record.ts';
import { MINUTE_MS, SECOND_MS } from '../../shared/time.ts';
import { type Alert, matchAlerts } from './alert-rules.ts';
import { grantEmails } from './claim-alerts.ts';

type Rules = Pick<EmailSettings, 'alerts' | 'alertsPerMinute'>;

/** An alert that rules would have raised. */
export interface ReplayedAlert {
  /** Time of the first event of its batch: ISO 8601, UTC. */
  readonly at: string;
  readonly alert: Alert;
  /** Whether the bound on alert emails a minute would have held it back. */
  readonly isHeldBack: boolean;
}

/**
 * The alerts that the rules would have raised about records that are there, minute by minute, newest minute first.
 *
 * The ledger does not say which records were a batch. Here a batch is what the default settings make of events that
 * arrive at once: up to 100 records of five seconds.
 *
 * @param records Newest first.
 */
export async function* replayAlerts(records: AsyncIterable<LedgerRecord>, rules: Rules): AsyncGenerator<ReplayedAlert> {
  let minute: LedgerRecord[] = [];
  for await (const record of records) {
    const [newest] = minute;
    if (newest !== undefined && minuteOf(record) !== minuteOf(newest)) {
      yield* replayMinute(minute, rules);
      minute = [];
    }
    minute.push(record);
  }
  yield* replayMinute(minute, rules);
}

function minuteOf({ timestamp }: LedgerRecord): number {
  return Math.floor(Date.parse(timestamp) / MINUTE_MS);
}

function replayMinute(newestFirst: readonly LedgerRecord[], rules: Rules): readonly ReplayedAlert[] {
  const claims = new Map<string, number>();
  const replayed = toBatches(newestFirst.toReversed()).flatMap((batch) => {
    const at = batch[0]?.timestamp ?? '';
    const wanted = matchAlerts(batch, rules.alerts, at);
    for (const { rule } of wanted) claims.set(rule.name, (claims.get(rule.name) ?? 0) + 1);
    const granted = grantEmails(wanted, claims, { rules: rules.alerts, alertsPerMinute: rules.alertsPerMinute });
    return wanted.map((alert) => ({ at, alert, isHeldBack: !granted.has(alert) }));
  });
  return replayed.reverse();
}

/** @param records Oldest first. */
function toBatches(records: readonly LedgerRecord[]): LedgerRecord[][] {
  const batches: LedgerRecord[][] = [];
  let endsAt = 0;
  for (const record of records) {
    const at = Date.parse(record.timestamp);
    const batch = batches.at(-1);
    if (batch !== undefined && at < endsAt && batch.length < DEFAULTS.batchSize) batch.push(record);
    else {
      batches.push([record]);
      endsAt = at + DEFAULTS.batchWindowSeconds * SECOND_MS;
    }
  }
  return batches;
}
