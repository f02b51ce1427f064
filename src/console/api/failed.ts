import type { DeadLetter, DeadLetterReason } from '../../queue/dead-letter.ts';
import { judge, type Verdict, type VerdictSettings } from '../../queue/dead-letter-verdict.ts';
import { lookAtDeadLetters } from '../../queue/dead-letters-look.ts';
import type { QueueRef } from '../../queue/queue-ref.ts';
import type { DeadLetterGroupView, DeadLettersView, DeadLetterView, VerdictView } from '../api-types.ts';

export interface FailedOptions {
  readonly deadLetters: QueueRef;
  readonly verdict: VerdictSettings;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Messages that one look takes in. */
export const MOST_LOOKED = 1000;
/** Messages of one reason that are shown. */
const MOST_SHOWN = 20;
/** Characters of a body that are shown. */
const BODY_SHOWN = 4000;

/** The dead letters, by reason. They are hidden from other lookers for as long as it takes, and given back. */
export async function lookAtFailed(options: FailedOptions, signal: AbortSignal): Promise<DeadLettersView> {
  const { deadLetters, verdict, now } = options;
  const groups = new Map<DeadLetterReason, DeadLetterGroupView>();
  let looked = 0;
  // One more than is taken in, to know that there is more.
  for await (const letter of lookAtDeadLetters(deadLetters, { now, signal, most: MOST_LOOKED + 1 })) {
    looked += 1;
    if (looked > MOST_LOOKED) break;
    const view = toView(letter, judge(letter.body, verdict));
    groups.set(letter.reason, withLetter(groups.get(letter.reason), view));
  }
  return {
    groups: [...groups.values()].sort((a, b) => b.count - a.count),
    looked: Math.min(looked, MOST_LOOKED),
    isCut: looked > MOST_LOOKED,
  };
}

function withLetter(group: DeadLetterGroupView | undefined, letter: DeadLetterView): DeadLetterGroupView {
  const { reason, sentAt, verdict } = letter;
  const { count = 0, wouldSucceed = 0, oldest, letters = [] } = group ?? {};
  const first = [oldest, sentAt].filter((time) => time !== undefined).sort()[0];
  return {
    reason,
    count: count + 1,
    wouldSucceed: wouldSucceed + (verdict.succeeds ? 1 : 0),
    ...(first !== undefined && { oldest: first }),
    letters: letters.length < MOST_SHOWN ? [...letters, letter] : letters,
  };
}

function toView({ id, reason, detail, sentAt, body }: DeadLetter, verdict: Verdict): DeadLetterView {
  return {
    id,
    reason,
    ...(detail !== undefined && { detail }),
    ...(sentAt !== undefined && { sentAt }),
    body: body.slice(0, BODY_SHOWN),
    bodyLength: body.length,
    verdict: toVerdictView(verdict),
  };
}

function toVerdictView(verdict: Verdict): VerdictView {
  if (!verdict.succeeds) return { succeeds: false, text: `${verdict.reason}: ${verdict.detail}` };
  if (verdict.kind === 'test-event') return { succeeds: true, text: 'a test event of S3: nothing to record' };
  if (verdict.kind === 'digest-tick') return { succeeds: true, text: 'the time to send a digest' };
  const [first, ...more] = verdict.records;
  if (first === undefined) return { succeeds: true, text: 'an event that the ledger does not store' };
  const others = more.length === 0 ? '' : ` and ${more.length} more`;
  return { succeeds: true, text: `${first.status}: ${first.s3_object}${others}` };
}
