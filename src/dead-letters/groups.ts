import type { RecordingSettings } from '../ledger/record.ts';
import type { DeadLetter, DeadLetterReason } from './dead-letter.ts';
import { decideRedrive, type RedriveDecision } from './redrive-decision.ts';

/** All dead letters of one reason. */
export interface DeadLetterGroup {
  readonly reason: DeadLetterReason;
  count: number;
  /** How many of them today's parser would take. */
  wouldSucceed: number;
  /** When the oldest was sent, ISO 8601 UTC. */
  oldest?: string;
  /** The oldest, or the first seen where no time is known. */
  example: DeadLetter;
  /** The first that were seen, as many as were asked for. */
  readonly first: { readonly deadLetter: DeadLetter; readonly decision: RedriveDecision }[];
}

/**
 * Groups dead letters by their reason, the most frequent first. Memory does not grow with their number.
 *
 * @param maxFirst How many each group keeps in `first`.
 */
export async function groupByReason(
  deadLetters: AsyncIterable<DeadLetter>,
  settings: RecordingSettings,
  maxFirst = 0,
): Promise<readonly Readonly<DeadLetterGroup>[]> {
  const groups = new Map<DeadLetterReason, DeadLetterGroup>();
  for await (const deadLetter of deadLetters) {
    const { reason, sentAt, body } = deadLetter;
    const group = groups.get(reason) ?? { reason, count: 0, wouldSucceed: 0, example: deadLetter, first: [] };
    groups.set(reason, group);
    const decision = decideRedrive(body, settings);
    group.count += 1;
    if (decision.succeeds) group.wouldSucceed += 1;
    if (sentAt !== undefined && (group.oldest === undefined || sentAt < group.oldest)) {
      group.oldest = sentAt;
      group.example = deadLetter;
    }
    if (group.first.length < maxFirst) group.first.push({ deadLetter, decision });
  }
  return [...groups.values()].sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1));
}
