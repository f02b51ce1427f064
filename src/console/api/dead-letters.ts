import { DEAD_LETTER_REASONS, type DeadLetter, type DeadLetterReason } from '../../dead-letters/dead-letter.ts';
import type { QueueRef } from '../../dead-letters/queues.ts';
import { lookAtDeadLetters } from '../../dead-letters/receive.ts';
import { type RedriveReport, redrive } from '../../dead-letters/redrive.ts';
import { judge, type Verdict, type VerdictSettings } from '../../dead-letters/redrive-decision.ts';
import type { RecordKey } from '../../ledger/record-key.ts';
import type {
  DeadLetterGroupView,
  DeadLettersView,
  DeadLetterView,
  RedriveProgressView,
  RedriveRequest,
  VerdictView,
} from '../api-types.ts';
import { BadRequestError } from '../server/answer.ts';

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

export interface RedriveWorld extends FailedOptions {
  /** Where the messages go. */
  readonly uploads: QueueRef;
  /** Which of the records with these keys are in the ledger. */
  readonly stored: (keys: readonly RecordKey[]) => Promise<readonly RecordKey[]>;
  readonly wait: (milliseconds: number) => Promise<void>;
}

/** Milliseconds that the first ten messages get to prove themselves: a batching window, a cold start, and room. */
const CANARY = 30_000;

/** Milliseconds between two lines of progress. */
const BETWEEN_LINES = 200;

/** @throws BadRequestError when the body is no {@link RedriveRequest}. */
export function parseRedriveRequest({ reason, dryRun }: Readonly<Record<string, unknown>>): RedriveRequest {
  const known = DEAD_LETTER_REASONS.find((one) => one === reason);
  if (reason !== undefined && known === undefined)
    throw new BadRequestError('Expected "reason" to be one of the reasons.');
  if (typeof dryRun !== 'boolean') throw new BadRequestError('Expected "dryRun" to be true or false.');
  return { dryRun, ...(known !== undefined && { reason: known }) };
}

/**
 * Redrives, and says how far it has come a few times a second; the last value has an `end`. When whoever asked goes away, it stops after
 * the messages that are under way: none is lost.
 *
 * @throws what `redrive` throws.
 */
export async function* redriveWithProgress(
  world: RedriveWorld,
  { reason, dryRun }: RedriveRequest,
  signal: AbortSignal,
): AsyncGenerator<RedriveProgressView> {
  let report: Readonly<RedriveReport> | undefined;
  const work = redrive({
    ...world,
    dryRun,
    all: false,
    canaryMilliseconds: CANARY,
    signal,
    onProgress: (latest) => {
      report = latest;
    },
    ...(reason !== undefined && { reason }),
  });
  // Its error is thrown by the last line; until then it must not count as unhandled.
  work.catch(() => undefined);
  const isOver = () => Promise.race([work.then(() => true), world.wait(BETWEEN_LINES).then(() => false)]);
  while (!(await isOver())) if (report !== undefined) yield toView2(report);
  const last = await work;
  yield { ...toView2(last), end: last.end };
}

function toView2({ looked, chosen, moved, cameBack }: Readonly<RedriveReport>): RedriveProgressView {
  return { looked, chosen, moved, staying: looked - chosen - cameBack, cameBack };
}
