import type { DeadLetter, DeadLetterReason } from './dead-letter.ts';
import { judge, type VerdictSettings } from './redrive-decision.ts';

/** All dead letters of one reason. */
export interface DeadLetterGroup {
  readonly reason: DeadLetterReason;
  readonly count: number;
  /** Of them, those that today's parser would take. */
  readonly wouldSucceed: number;
  /** When the oldest was sent, ISO 8601 UTC. */
  readonly oldest?: string;
  /** The oldest, or the first seen where no time is known. */
  readonly example: DeadLetter;
}

/** Groups dead letters by their reason, the most frequent first. Holds one letter a reason, however many there are. */
export async function groupByReason(
  letters: AsyncIterable<DeadLetter>,
  settings: VerdictSettings,
): Promise<readonly DeadLetterGroup[]> {
  const groups = new Map<DeadLetterReason, DeadLetterGroup>();
  for await (const letter of letters)
    groups.set(letter.reason, withLetter(groups.get(letter.reason), letter, settings));
  return [...groups.values()].sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1));
}

function withLetter(
  group: DeadLetterGroup | undefined,
  letter: DeadLetter,
  settings: VerdictSettings,
): DeadLetterGroup {
  const succeeds = judge(letter.body, settings).succeeds ? 1 : 0;
  if (group === undefined) return { ...startOf(letter), count: 1, wouldSucceed: succeeds };
  const isOlder = (letter.sentAt ?? '~') < (group.oldest ?? '~');
  return {
    ...group,
    ...(isOlder && startOf(letter)),
    count: group.count + 1,
    wouldSucceed: group.wouldSucceed + succeeds,
  };
}

function startOf(letter: DeadLetter) {
  return { reason: letter.reason, example: letter, ...(letter.sentAt !== undefined && { oldest: letter.sentAt }) };
}
