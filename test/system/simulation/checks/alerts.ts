import { countHeldBack } from '../../../../src/digest/summary/batch-summary.ts';
import type { LedgerRecord } from '../../../../src/ledger/record.ts';
import { MINUTE_MS, SECOND_MS } from '../../../../src/shared/time.ts';
import type { AlertRound, SentAlert } from '../observations.ts';
import { DEPLOYMENT, type Deployment } from '../plans/deployment.ts';
import type { World } from '../world.ts';
import { timeOf } from './model.ts';
import { MAX_VIOLATIONS, type Violation } from './violation.ts';

type Rule = Deployment['alerts'][number];

/**
 * Milliseconds after its claim until when an alert may be sent, in the same invocation: it counts for the minute of the
 * claim, and storing the summary comes between.
 */
const SENDING_MS = DEPLOYMENT.timeoutSeconds * SECOND_MS;

/** Matching uploads of one batch by the names of the rules, as docs/email.md says what matches. */
export function wantedAlerts(records: readonly LedgerRecord[], rules: readonly Rule[]): ReadonlyMap<string, number> {
  const uploads = records.filter(({ status }) => status === 'uploaded');
  const counts = rules.map((rule) => [rule.name, uploads.filter((record) => matches(record, rule)).length] as const);
  return new Map(counts.filter(([, count]) => count > 0));
}

function matches({ s3_key: key, uploader, category, filesize = -1 }: LedgerRecord, rule: Rule): boolean {
  return (
    key.startsWith(rule.prefix ?? '') &&
    key.endsWith(rule.suffix ?? '') &&
    (rule.uploader ?? uploader) === uploader &&
    (rule.category ?? category) === category &&
    filesize >= (rule.minimumBytes ?? -1)
  );
}

/** Every match is in an email, or counted as failed or held back; no rule is starved by another; the bound holds. */
export function checkAlerts({ seen, deployment, removedRules, faults }: World): Violation[] {
  const emailsByRule = Map.groupBy(seen.alerts, ({ alert }) => alert.rule.name);
  return [
    ...seen.alertRounds.flatMap(checkRound),
    ...seen.alertRounds.flatMap((round) => checkFairness(round, emailsByRule, deployment)),
    ...checkBound(seen.alerts, deployment),
    ...checkWaiting(seen, removedRules),
    ...checkLost(seen, faults.get('queue refused') ?? 0),
    ...(deployment.hasDigests === false ? checkFollowUps(seen) : checkHeldBack(seen)),
  ].slice(0, MAX_VIOLATIONS);
}

function checkRound({ at, wanted, sent, failed, heldBack }: AlertRound): Violation[] {
  const told = new Set(sent.map(({ alert }) => alert.rule.name)).size + failed + heldBack;
  const wrong = sent.filter(({ alert }) => wanted.get(alert.rule.name) !== alert.count);
  if (told >= wanted.size && wrong.length === 0) return [];
  const sentText = sent.map(({ alert }) => `${alert.rule.name} ${alert.count}`).join(', ');
  const what =
    `at ${timeOf(at)} uploads matched ${[...wanted].map(([name, count]) => `${name} ${count}`).join(', ')}; ` +
    `sent: ${sentText || 'none'}, failed: ${failed}, held back: ${heldBack}`;
  return [{ promise: 'alerts reach people', what }];
}

/** A rule that has a match gets an email within the minute, whatever other rules do. */
function checkFairness(
  { at, wanted, wasDisturbed }: AlertRound,
  emailsByRule: ReadonlyMap<string, readonly SentAlert[]>,
  { alertsPerMinute, alerts }: Deployment,
): Violation[] {
  if (wasDisturbed || alerts.length > alertsPerMinute) return [];
  const near = (emails: readonly SentAlert[]) => emails.filter((email) => Math.abs(email.at - at) <= MINUTE_MS).length;
  return [...wanted.keys()].flatMap((rule) => {
    if (near(emailsByRule.get(rule) ?? []) > 0) return [];
    const others = [...emailsByRule.values()].reduce((sum, emails) => sum + near(emails), 0);
    const what = `uploads matched the rule ${rule} at ${timeOf(at)}, and no email told of it within a minute`;
    const isUsedUp = others >= alertsPerMinute;
    return [{ promise: 'alerts reach people', what, ...(isUsedUp && { because: 'bound-used-by-others' }) }];
  });
}

function checkBound(alerts: readonly SentAlert[], { alertsPerMinute }: Deployment): Violation[] {
  const byMinute = Map.groupBy(alerts, ({ at }) => Math.floor(at / MINUTE_MS));
  return [...byMinute].flatMap(([minute, emails]) => {
    const ofThisMinute = emails.filter(({ at }) => at % MINUTE_MS >= SENDING_MS);
    // One whose answer was lost is sent again.
    if (new Set(ofThisMinute.map(({ alert }) => alert.id)).size <= alertsPerMinute) return [];
    const what = `${ofThisMinute.length} alert emails that were claimed in the minute of ${timeOf(minute * MINUTE_MS)}, of ${alertsPerMinute} allowed`;
    return [{ promise: 'alerts keep their bound', what }];
  });
}

/** An alert that could not be sent is sent later, or given up, or moved to the dead letters when its rule is no longer there. */
function checkWaiting({ alerts, failedAlerts }: World['seen'], removedRules: ReadonlySet<string>): Violation[] {
  const sent = new Set(alerts.map(({ alert }) => alert.id));
  const lost = [...failedAlerts].filter(
    ([id, isGivenUp]) => !isGivenUp && !sent.has(id) && !removedRules.has(id.slice(id.indexOf('/') + 1)),
  );
  return lost.map(([id]) => ({ promise: 'alerts reach people', what: `the alert ${id} failed, and was never sent` }));
}

/** Only where the queue has refused its message. */
function checkLost({ lostAlerts }: World['seen'], refusals: number): Violation[] {
  if (lostAlerts <= refusals) return [];
  return [
    { promise: 'alerts reach people', what: `${lostAlerts} alerts were lost; the queue refused ${refusals} calls` },
  ];
}

/** Without digests, what was held back is told by one email a rule and minute. */
function checkFollowUps({ alerts, heldBack }: World['seen']): Violation[] {
  const followUps = Map.groupBy(
    alerts.filter(({ alert }) => alert.since !== undefined),
    ({ alert }) => alert.rule.name,
  );
  return [...Map.groupBy(heldBack, ({ rule }) => rule)].flatMap(([rule, parts]) => {
    const emails = followUps.get(rule) ?? [];
    const held = parts.reduce((sum, { uploads }) => sum + uploads, 0);
    const told = emails.reduce((sum, { alert }) => sum + alert.count, 0);
    const minutes = new Set(emails.map(({ alert }) => alert.since)).size;
    if (told === held && emails.length === minutes) return [];
    const what = `${held} uploads of the rule ${rule} were held back; ${emails.length} emails of ${minutes} minutes tell of ${told}`;
    return [{ promise: 'alerts reach people', what }];
  });
}

/** What was held back, or given up, the next digest tells. */
function checkHeldBack({ alertRounds, failedAlerts, digests }: World['seen']): Violation[] {
  const givenUp = [...failedAlerts.values()].filter((isGivenUp) => isGivenUp).length;
  const heldBack = alertRounds.reduce((sum, round) => sum + round.heldBack, givenUp);
  const told = digests.reduce((sum, { digest }) => sum + countHeldBack(digest.summary), 0);
  if (told >= heldBack) return [];
  return [
    { promise: 'alerts reach people', what: `${heldBack} alerts were held back or given up; digests tell of ${told}` },
  ];
}
