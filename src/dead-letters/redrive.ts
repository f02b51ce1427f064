import { LIMITS } from '../contract/limits.ts';
import type { QuarantineReason } from '../contract/quarantine.ts';
import type { LedgerRecord } from '../ledger/record.ts';
import { createRateLimiter, type RateLimiter } from '../shared/concurrency.ts';
import { Canary, type CanaryOptions, type CanaryOutcome } from './canary.ts';
import type { DeadLetter, DeadLetterReason } from './dead-letter.ts';
import { moveLetters, SentLetters } from './move.ts';
import type { QueueRef } from './queues.ts';
import { DeadLettersLook, type LookOptions } from './receive.ts';
import { judge, type VerdictSettings } from './redrive-decision.ts';

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

/** Messages that may come back before a redrive gives up. */
const MOST_BACK = 10;

/** Messages after which ten are watched again: what fails stands at the queue's other end, and would be seen last. */
const WATCH_EVERY = 1000;

export interface RedriveOptions extends LookOptions, Omit<CanaryOptions, 'waitMilliseconds'> {
  readonly deadLetters: QueueRef;
  /** Where the messages go. */
  readonly uploads: QueueRef;
  readonly verdict: VerdictSettings;
  /** Only messages with this reason. Default: any. */
  readonly reason?: DeadLetterReason;
  /** Also those that would fail again today. */
  readonly all: boolean;
  /** Only look and judge. */
  readonly dryRun: boolean;
  /** Messages a second at most. Default: no limit. */
  readonly rate?: number;
  /** Messages to move at most. Default: no limit. */
  readonly limit?: number;
  /** Milliseconds that the first messages get to prove themselves. */
  readonly canaryMilliseconds: number;
  /** Messages after which ten are watched again. Default 1,000. */
  readonly watchEvery?: number;
  /** Told now and then how far it has come; the report goes on changing. */
  readonly onProgress?: (report: Readonly<RedriveReport>) => void;
}

/** A message to move, and what it should leave in the ledger. */
interface Chosen {
  readonly letter: DeadLetter;
  readonly records: readonly LedgerRecord[];
}

/**
 * Moves dead letters back to the uploads queue: those that today's parser would take, ten of them first; the others follow when the ten
 * did well, and ten of every thousand are watched likewise. Ends when messages come back. Whatever was not moved is given back at the end.
 *
 * @throws the SDK's errors. What was sent by then is sent, and none is lost: see `moveLetters`.
 */
export async function redrive(options: RedriveOptions): Promise<RedriveReport> {
  const look = new DeadLettersLook(options.deadLetters, options);
  const run = new Redrive(look, options);
  try {
    await run.carryOut();
  } finally {
    await look.close();
  }
  return run.report;
}

class Redrive {
  readonly report = emptyReport();
  readonly #look: DeadLettersLook;
  readonly #options: RedriveOptions;
  readonly #pace: RateLimiter;
  readonly #sent = new SentLetters();
  #watchAt = 0;

  constructor(look: DeadLettersLook, options: RedriveOptions) {
    this.#look = look;
    this.#options = options;
    const { rate, now, wait } = options;
    this.#pace = createRateLimiter({ perSecond: rate, clock: { monotonic: now, sleep: wait } });
  }

  async carryOut(): Promise<void> {
    const { limit = Number.POSITIVE_INFINITY, signal } = this.#options;
    let next: Chosen[] = [];
    for await (const letter of this.#look.letters()) {
      const chosen = this.#choose(letter);
      if (chosen !== undefined) next.push(chosen);
      if (next.length === LIMITS.sqs.batchEntries) {
        await this.#move(next);
        next = [];
      }
      this.#options.onProgress?.(this.report);
      if (this.report.chosen >= limit && this.report.end === 'empty') this.report.end = 'limit';
      if (this.report.end !== 'empty') break;
    }
    if (signal?.aborted) this.report.end = 'stopped';
    else if (this.#look.isFull) this.report.end = 'full';
    // What was chosen before the end by limit, by emptiness or by fullness is still to go.
    if (next.length > 0 && ['empty', 'limit', 'full'].includes(this.report.end)) await this.#move(next);
  }

  #choose(letter: DeadLetter): Chosen | undefined {
    const { report } = this;
    const { reason, all, verdict: settings } = this.#options;
    report.looked += 1;
    if (this.#sent.originOf(letter) !== undefined) {
      report.cameBack += 1;
      if (report.cameBack >= MOST_BACK) report.end = 'came-back';
      return undefined;
    }
    if (reason !== undefined && letter.reason !== reason) {
      report.otherReason += 1;
      return undefined;
    }
    const verdict = judge(letter.body, settings);
    if (!verdict.succeeds) report.wouldFail.set(verdict.reason, (report.wouldFail.get(verdict.reason) ?? 0) + 1);
    if (!verdict.succeeds && !all) return undefined;
    report.chosen += 1;
    return { letter, records: verdict.succeeds ? verdict.records : [] };
  }

  async #move(chosen: readonly Chosen[]): Promise<void> {
    const { report } = this;
    const { dryRun, deadLetters, uploads } = this.#options;
    if (dryRun) return;
    await this.#pace(chosen.length);
    await this.#look.held.renewDue();
    const canary = report.moved >= this.#watchAt ? await this.#openCanary(chosen) : undefined;
    const letters = chosen.map(({ letter }) => letter);
    const moved = await moveLetters(letters, { from: deadLetters, to: uploads, held: this.#look.held });
    this.#sent.add(moved.sent);
    report.moved += moved.sent.size;
    report.notDeleted += moved.notDeleted;
    report.notSent += moved.notSent.length;
    const [refusal] = moved.notSent;
    if (refusal !== undefined) report.firstRefusal ??= refusal.why;
    if (canary !== undefined) await this.#watch(canary);
  }

  async #watch(canary: Canary): Promise<void> {
    const { report } = this;
    // The first ten are waited for in any case; later ones only when they can prove something.
    if (report.canary !== undefined && !canary.hasProof) return;
    this.#watchAt = report.moved + (this.#options.watchEvery ?? WATCH_EVERY);
    report.canary = await canary.watch(this.#look, this.#sent);
    if (report.canary.cameBack + report.canary.unrecorded > 0) report.end = 'canary';
  }

  async #openCanary(chosen: readonly Chosen[]): Promise<Canary> {
    const { canaryMilliseconds: waitMilliseconds, stored, now, wait, signal } = this.#options;
    const canary = new Canary({ stored, waitMilliseconds, now, wait, ...(signal && { signal }) });
    await canary.prepare(new Map(chosen.map(({ letter, records }) => [letter.id, records])));
    return canary;
  }
}
