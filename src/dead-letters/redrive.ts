import { LIMITS } from '../contract/limits.ts';
import type { QuarantineReason } from '../contract/quarantine.ts';
import type { LedgerRecord } from '../ledger/record.ts';
import { createRateLimiter, type RateLimiter } from '../shared/concurrency.ts';
import { Canary, type CanaryOptions, type CanaryOutcome } from './canary.ts';
import type { DeadLetter, DeadLetterReason } from './dead-letter.ts';
import { moveDeadLetters, SentMessages } from './move.ts';
import type { LedgerQueues } from './queues.ts';
import { DeadLetterReceiver, type ReceiverOptions } from './receive.ts';
import { decideRedrive } from './redrive-decision.ts';
import { SupersededWatch } from './superseded-watch.ts';

/** Messages that may come back before a redrive gives up. */
const MAX_BACK = 10;

/** Messages after which ten are watched again: failing ones arrive at the queue's other end and would be seen last. */
const WATCH_EVERY = 1000;

/**
 * Why a redrive ended: the queue was empty; as many were moved as was asked for; the watched messages did not succeed;
 * messages came back; somebody stopped it; more messages stay behind than a receiver may hold.
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
  /** Records of backfill and reconcile that the moved messages have superseded, and that were deleted. */
  superseded: number;
  /** Such records that are still there, because the messages were not recorded in time. */
  notSuperseded: number;
  /** Of the last messages that were watched. */
  canary?: CanaryOutcome;
  end: RedriveEnd;
}

export interface RedriveOptions extends LedgerQueues, Omit<ReceiverOptions, 'clock'>, CanaryOptions {
  /** Only messages with this reason. @default any */
  readonly reason?: DeadLetterReason;
  /** Also those that would fail again today. */
  readonly all: boolean;
  /** Only read and decide. */
  readonly dryRun: boolean;
  /** Messages per second. @default no limit */
  readonly rate?: number;
  /** Messages to move at most. @default no limit */
  readonly limit?: number;
  /** Messages after which ten are watched again. @default 1,000 */
  readonly watchEvery?: number;
  /** Called after every message or so; the report is the same object each time. */
  readonly onProgress?: (report: Readonly<RedriveReport>) => void;
}

/**
 * Moves dead letters back to the uploads queue: those that today's parser would take, ten of them first. The others
 * follow when the ten succeeded, and ten of every thousand are watched in the same way. Ends when messages come back.
 * Whatever was not moved is given back at the end. Records of backfill and reconcile that the messages supersede are
 * deleted.
 *
 * @throws the SDK's errors. What was sent by then is sent, and none is lost: see `moveDeadLetters`.
 */
export async function redrive(options: RedriveOptions): Promise<RedriveReport> {
  const receiver = new DeadLetterReceiver(options.deadLetters, options);
  try {
    return await new Redrive(receiver, options).run();
  } finally {
    await receiver.close();
  }
}

/** A message to move, and what it should leave in the ledger. */
interface ChosenMessage {
  readonly deadLetter: DeadLetter;
  readonly records: readonly LedgerRecord[];
}

class Redrive {
  readonly #report: RedriveReport = {
    looked: 0,
    otherReason: 0,
    wouldFail: new Map(),
    chosen: 0,
    moved: 0,
    notDeleted: 0,
    notSent: 0,
    cameBack: 0,
    superseded: 0,
    notSuperseded: 0,
    end: 'empty',
  };
  readonly #receiver: DeadLetterReceiver;
  readonly #options: RedriveOptions;
  readonly #limitRate: RateLimiter;
  readonly #sent = new SentMessages();
  readonly #superseded: SupersededWatch;
  #watchAt = 0;

  constructor(receiver: DeadLetterReceiver, options: RedriveOptions) {
    this.#receiver = receiver;
    this.#options = options;
    this.#superseded = new SupersededWatch(options);
    this.#limitRate = createRateLimiter({ perSecond: options.rate, clock: options.clock, signal: options.signal });
  }

  async run(): Promise<RedriveReport> {
    const { limit = Number.POSITIVE_INFINITY, signal, onProgress } = this.#options;
    const report = this.#report;
    let batch: ChosenMessage[] = [];
    for await (const deadLetter of this.#receiver.messages()) {
      const chosen = this.#choose(deadLetter);
      if (chosen !== undefined) batch.push(chosen);
      if (batch.length === LIMITS.sqs.batchEntries) {
        await this.#move(batch);
        batch = [];
      }
      onProgress?.(report);
      if (report.chosen >= limit && report.end === 'empty') report.end = 'limit';
      if (report.end !== 'empty') break;
    }
    if (signal?.aborted) report.end = 'stopped';
    else if (this.#receiver.isFull) report.end = 'full';
    // The last, incomplete batch. When messages failed or somebody stopped the redrive, it stays where it is.
    if (batch.length > 0 && ['empty', 'limit', 'full'].includes(report.end)) await this.#move(batch);
    await this.#superseded.finish();
    this.#countSuperseded();
    return report;
  }

  #choose(deadLetter: DeadLetter): ChosenMessage | undefined {
    const report = this.#report;
    const { reason, all, settings } = this.#options;
    report.looked += 1;
    if (this.#sent.originOf(deadLetter) !== undefined) {
      report.cameBack += 1;
      if (report.cameBack >= MAX_BACK) report.end = 'came-back';
      return undefined;
    }
    if (reason !== undefined && deadLetter.reason !== reason) {
      report.otherReason += 1;
      return undefined;
    }
    const decision = decideRedrive(deadLetter.body, settings);
    if (!decision.succeeds) report.wouldFail.set(decision.reason, (report.wouldFail.get(decision.reason) ?? 0) + 1);
    if (!decision.succeeds && !all) return undefined;
    report.chosen += 1;
    return { deadLetter, records: decision.succeeds ? decision.records : [] };
  }

  async #move(batch: readonly ChosenMessage[]): Promise<void> {
    const report = this.#report;
    const { dryRun, deadLetters, uploads } = this.#options;
    if (dryRun) return;
    await this.#limitRate(batch.length);
    const { held } = this.#receiver;
    await held.renewDue();
    const canary = report.moved >= this.#watchAt ? new Canary(this.#options) : undefined;
    await this.#superseded.expect(batch.flatMap(({ records }) => records));
    await canary?.prepare(new Map(batch.map(({ deadLetter, records }) => [deadLetter.id, records])));
    const messages = batch.map(({ deadLetter }) => deadLetter);
    const moved = await moveDeadLetters(messages, { from: deadLetters, to: uploads, held });
    this.#sent.add(moved.sent);
    report.moved += moved.sent.size;
    report.notDeleted += moved.notDeleted;
    report.notSent += moved.notSent.length;
    const [refusal] = moved.notSent;
    if (refusal !== undefined) report.firstRefusal ??= refusal.why;
    if (canary !== undefined) await this.#watch(canary);
    await this.#superseded.settle();
    this.#countSuperseded();
  }

  #countSuperseded(): void {
    this.#report.superseded = this.#superseded.removed;
    this.#report.notSuperseded = this.#superseded.waiting;
  }

  async #watch(canary: Canary): Promise<void> {
    const report = this.#report;
    // The first ten are always waited for; later ones only when they can prove something.
    if (report.canary !== undefined && !canary.hasProof) return;
    this.#watchAt = report.moved + (this.#options.watchEvery ?? WATCH_EVERY);
    report.canary = await canary.watch(this.#receiver, this.#sent);
    if (report.canary.cameBack + report.canary.unrecorded > 0) report.end = 'canary';
  }
}
