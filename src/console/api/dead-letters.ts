import { DEAD_LETTER_REASONS, type DeadLetter, toExport } from '../../dead-letters/dead-letter.ts';
import { type DeadLetterFilters, matchingDeadLetters } from '../../dead-letters/filters.ts';
import { type DeadLetterGroup, groupByReason } from '../../dead-letters/groups.ts';
import type { LedgerQueues } from '../../dead-letters/queues.ts';
import { readDeadLetters } from '../../dead-letters/receive.ts';
import { type RedriveReport, redrive } from '../../dead-letters/redrive.ts';
import { decisionText, type RedriveDecision } from '../../dead-letters/redrive-decision.ts';
import { jsonLine } from '../../shared/data-formats.ts';
import { UploadLedgerError } from '../../shared/errors.ts';
import type {
  DeadLetterGroupView,
  DeadLettersView,
  DeadLetterView,
  RedriveProgressView,
  RedriveRequest,
} from '../api-types.ts';
import { BadRequestError } from '../server/answer.ts';

/** Messages that one answer takes in: of a look at all of them, which is one page, and of a search. */
const MAX_READ = { look: 1000, search: 10_000 };
/** Messages of one reason that are shown. */
const MAX_SHOWN = 20;
/** Characters of a body that are shown. */
const MAX_BODY_LENGTH = 16_000;
/** Milliseconds between two lines of progress. */
const PROGRESS_MS = 200;

/**
 * The dead letters that match, by reason. While they are read they are hidden from other readers; then they are given
 * back.
 */
export async function deadLettersView(
  queues: LedgerQueues,
  filters: DeadLetterFilters,
  signal: AbortSignal,
): Promise<DeadLettersView> {
  const { deadLetters, settings, clock } = queues;
  const maxRead = Object.keys(filters).length === 0 ? MAX_READ.look : MAX_READ.search;
  let looked = 0;
  let isCut = false;
  const firstMessages = async function* () {
    // One more than is taken in, to know that there is more.
    for await (const message of readDeadLetters(deadLetters, { clock, signal, maxHeld: maxRead + 1 })) {
      isCut = looked === maxRead;
      if (isCut) return;
      looked += 1;
      yield message;
    }
  };
  const groups = await groupByReason(matchingDeadLetters(firstMessages(), filters), settings, MAX_SHOWN);
  return { groups: groups.map(toGroupView), looked, isCut };
}

function toGroupView({ reason, count, wouldSucceed, oldest, first }: DeadLetterGroup): DeadLetterGroupView {
  return {
    reason,
    count,
    wouldSucceed,
    ...(oldest !== undefined && { oldest }),
    deadLetters: first.map(({ deadLetter, decision }) => toDeadLetterView(deadLetter, decision)),
  };
}

function toDeadLetterView({ id, detail, sentAt, body }: DeadLetter, decision: RedriveDecision): DeadLetterView {
  return {
    id,
    ...(detail !== undefined && { detail }),
    ...(sentAt !== undefined && { sentAt }),
    body: body.slice(0, MAX_BODY_LENGTH),
    bodyLength: body.length,
    wouldSucceed: decision.succeeds,
    decision: decisionText(decision),
  };
}

/**
 * The dead letters that match, as `dlq export` writes them.
 *
 * @throws UploadLedgerError `too-many-dead-letters` when there are more than can be read: no part should look like all.
 */
export async function* exportDeadLetters(
  { deadLetters, clock }: LedgerQueues,
  filters: DeadLetterFilters,
  signal: AbortSignal,
): AsyncGenerator<string> {
  let isFull = false;
  const messages = async function* () {
    ({ isFull } = yield* readDeadLetters(deadLetters, { clock, signal }));
  };
  for await (const message of matchingDeadLetters(messages(), filters)) yield jsonLine(toExport(message));
  if (!isFull) return;
  const todo = 'redrive or delete those that you have looked at';
  throw new UploadLedgerError('too-many-dead-letters', `There are more dead letters than one run can read: ${todo}.`);
}

/** @throws BadRequestError when the body is no {@link RedriveRequest}. */
export function parseRedriveRequest({ reason, dryRun }: Readonly<Record<string, unknown>>): RedriveRequest {
  const known = DEAD_LETTER_REASONS.find((one) => one === reason);
  if (reason !== undefined && known === undefined)
    throw new BadRequestError('Expected "reason" to be one of the reasons.');
  if (typeof dryRun !== 'boolean') throw new BadRequestError('Expected "dryRun" to be true or false.');
  return { dryRun, ...(known !== undefined && { reason: known }) };
}

/**
 * Redrives, and says a few times a second how far it is; the last value has an `end`. When the asker goes away, it
 * stops after the messages that are being moved: none is lost.
 *
 * @throws what `redrive` throws.
 */
export async function* redriveWithProgress(
  queues: LedgerQueues,
  request: RedriveRequest,
  signal: AbortSignal,
): AsyncGenerator<RedriveProgressView> {
  let report: Readonly<RedriveReport> | undefined;
  const onProgress = (latest: Readonly<RedriveReport>) => {
    report = latest;
  };
  const work = redrive({ ...queues, ...request, all: false, signal, onProgress });
  // Handled where `work` is awaited below; this only avoids an unhandled rejection before.
  work.catch(() => undefined);
  const isOver = () => Promise.race([work.then(() => true), queues.clock.sleep(PROGRESS_MS).then(() => false)]);
  while (!(await isOver())) if (report !== undefined) yield toProgressView(report);
  const last = await work;
  yield { ...toProgressView(last), end: last.end };
}

function toProgressView({ looked, chosen, moved, cameBack }: Readonly<RedriveReport>): RedriveProgressView {
  return { looked, chosen, moved, cameBack };
}
