import type { LedgerRecord } from '../ledger/record.ts';
import type { Alert, AlertRule } from './alert.ts';
import { claimAlerts } from './claim-alerts.ts';
import { matchAlerts } from './match-alerts.ts';
import { type PutSummaryOptions, putSummary } from './put-summary.ts';
import { summarise } from './summarise.ts';

/**
 * Milliseconds that asking for alert emails may take, and part of the time that is left: the summary comes after. Long enough for the first
 * call of an environment that has little processor: what is not answered is held back.
 */
const TIME_FOR_CLAIM = { most: 3_000, share: 0.25 } as const;

/** What a batch did. */
export interface StoredBatch {
  /** What it has stored, each record once. */
  readonly records: readonly LedgerRecord[];
  /** Messages about uploads that are reported back as failed; not digest ticks. */
  readonly failed: number;
  readonly quarantined: number;
}

export interface CloseBatchOptions extends PutSummaryOptions {
  readonly rules: readonly AlertRule[];
  readonly alertsPerMinute: number;
}

/** What is left to do once the metrics are out: see {@link sendAlerts}. */
export interface ClosedBatch {
  /** To be sent now. */
  readonly alerts: readonly Alert[];
  /** Held back by the bound on alert emails a minute; the next digest tells of them. */
  readonly heldBack: readonly Alert[];
  /** Why nothing could be claimed, so that all were held back. */
  readonly claimError?: unknown;
}

/**
 * Decides which alert emails a batch may send, and stores its summary, which tells what was held back.
 *
 * @throws whatever storing the summary failed with: the batch has to fail then. Alerts never make it fail.
 */
export async function closeBatch(batch: StoredBatch, options: CloseBatchOptions): Promise<ClosedBatch> {
  const closed = await decideAlerts(matchAlerts(batch.records, options.rules), options);
  const { records, failed, quarantined } = batch;
  const facts = { failed, quarantined, alertsHeldBack: closed.heldBack.length, now: options.now() };
  await putSummary(summarise(records, facts), options);
  return closed;
}

/** Rules that come first are served first. */
async function decideAlerts(matched: readonly Alert[], options: CloseBatchOptions): Promise<ClosedBatch> {
  if (matched.length === 0) return { alerts: [], heldBack: [] };
  const share = Math.max(0, Math.floor(options.remainingMilliseconds() * TIME_FOR_CLAIM.share));
  try {
    const claimed = await claimAlerts(
      matched.length,
      options,
      AbortSignal.timeout(Math.min(TIME_FOR_CLAIM.most, share)),
    );
    return { alerts: matched.slice(0, claimed), heldBack: matched.slice(claimed) };
  } catch (claimError) {
    return { alerts: [], heldBack: matched, claimError };
  }
}
