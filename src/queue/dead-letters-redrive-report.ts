import type { QuarantineReason } from '../contract/quarantine.ts';
import type { CanaryOutcome } from './dead-letters-canary.ts';

/**
 * Why a redrive ended: the queue had no more to give; as many were moved as was asked for; the messages that were watched did not do well; messages
 * came back; somebody stopped it; more messages stay behind than a look may hold.
 */
export type RedriveEnd = 'empty' | 'limit' | 'canary' | 'came-back' | 'stopped' | 'full';

/** What a redrive has done so far, or a dry run would do. */
export interface RedriveReport {
  /** Messages seen. */
  looked: number;
  /** Of another reason than was asked for. They stay. */
  otherReason: number;
  /** That would fail again today, by the reason they would have. They stay, unless all were asked for. */
  readonly wouldFail: Map<QuarantineReason, number>;
  /** To be moved. */
  chosen: number;
  /** Sent to the uploads queue. */
  moved: number;
  /** Of the moved ones: still in the dead-letter queue as well, because the delete failed. */
  notDeleted: number;
  /** Refused by the uploads queue: they stay. */
  notSent: number;
  /** Why the first of those was refused. */
  firstRefusal?: string;
  /** Moved in this run, and back in the dead-letter queue. */
  cameBack: number;
  /** Of the last messages that were watched. */
  canary?: CanaryOutcome;
  end: RedriveEnd;
}

export function emptyReport(): RedriveReport {
  return {
    looked: 0,
    otherReason: 0,
    wouldFail: new Map(),
    chosen: 0,
    moved: 0,
    notDeleted: 0,
    notSent: 0,
    cameBack: 0,
    end: 'empty',
  };
}
