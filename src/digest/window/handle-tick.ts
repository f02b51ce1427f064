import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { DigestTick } from '../../notification/digest-tick.ts';
import { systemClock } from '../../shared/clock.ts';
import { retry } from '../../shared/retry.ts';
import { HOUR_MS } from '../../shared/time.ts';
import { DigestNotSentError } from '../digest-errors.ts';
import type { Digest, DigestSettings } from '../email/digest-email.ts';
import type { BatchSummary } from '../summary/batch-summary.ts';
import { SUMMARY_DAYS } from '../summary/summary-item.ts';
import { foldWindow, isEmptySummary, type SummarySource } from '../summary/summary-store.ts';
import { readWatermark, Watermark } from './watermark.ts';

/** Milliseconds below which no further page is read: the rest is for sending. */
const TIME_FOR_SENDING = 3_000;
/** Milliseconds kept back for what comes after the watermark has moved. */
const RESERVE_MS = 500;

export interface TickOptions {
  /** Milliseconds until the invocation is killed. */
  readonly remainingMilliseconds: () => number;
  /** Numbers in [0, 1), for the waits between tries. */
  readonly random: () => number;
  readonly client: DynamoDBClient;
  readonly tableName: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /**
   * Longest time from a summary's stamp to its being stored, and from a tick's start to its end: the function's timeout
   * and a few seconds for clocks that differ.
   */
  readonly settleMilliseconds: number;
  /** Names this try: the message's id with the invocation's. */
  readonly owner: string;
  /** Renders the digest and sends it to all recipients. */
  readonly sendDigest: (digest: Digest, recipients: readonly string[]) => Promise<void>;
}

/**
 * What became of a tick.
 *
 * - `sent`: the email is out.
 * - `covered`: an earlier tick, or a later one, has told everything up to here.
 * - `nothing`: nothing happened since the last one.
 * - `waiting`: too few uploads; a later tick tells of them.
 */
export type TickOutcome =
  | { readonly kind: 'sent'; readonly digest: Digest; readonly queries: number }
  | { readonly kind: 'covered' | 'nothing' | 'waiting'; readonly until: string };

/**
 * Sends the digest of everything since the last one that was sent, if there is something to say.
 *
 * Of several ticks for one window, at the same time too, one sends. An email may be repeated only when the invocation
 * dies between sending and moving the watermark.
 *
 * @throws {DigestNotSentError}, {@link UnreadableSummaryError} or whatever DynamoDB failed with. The tick has to come
 *   back then: nothing is lost, its window or a later one tells the same.
 */
export async function handleTick(tick: DigestTick, options: TickOptions): Promise<TickOutcome> {
  const watermark = new Watermark({ ...options, digestName: tick.digest.name });
  const until = windowEnd(tick, options.now(), options.settleMilliseconds);
  const coveredUntil = await watermark.readOrSet(firstWindowStart(until));
  if (until <= coveredUntil) return { kind: 'covered', until };

  const since = windowStart(coveredUntil, until);
  const { summary, batches, queries } = await foldWindow(options, { since, until }, () => checkTime(tick, options));
  if (isEmptySummary(summary)) {
    await watermark.move(coveredUntil, until);
    return { kind: 'nothing', until };
  }
  if (!isWorthSending(summary, tick.digest)) return { kind: 'waiting', until };

  const digest = { name: tick.digest.name, timeZone: tick.digest.timeZone, since, until, summary, batches };
  if (!(await watermark.claim(coveredUntil, options.settleMilliseconds))) return yieldToOther(watermark, digest);
  await sendOrRelease(watermark, digest, tick.digest, options);
  // Tried for as long as there is time: where it fails, the email is sent again.
  const clock = { ...systemClock, now: options.now, random: options.random };
  const deadline = clock.now() + options.remainingMilliseconds() - RESERVE_MS;
  await retry(() => watermark.move(coveredUntil, until), { clock, deadline });
  return { kind: 'sent', digest, queries };
}

function isWorthSending(summary: BatchSummary, { minimumUploads }: DigestSettings): boolean {
  const troubles = summary.failed + summary.quarantined + summary.alertsHeldBack;
  return troubles > 0 || summary.uploads.count >= minimumUploads;
}

/** Another tick holds the lease, or has just finished. */
async function yieldToOther(watermark: Watermark, { name, until }: Digest): Promise<TickOutcome> {
  const coveredUntil = await watermark.read();
  if (coveredUntil !== undefined && until <= coveredUntil) return { kind: 'covered', until };
  const message = `The digest ${name} is being sent by another tick: this one comes back for what is left, if anything.`;
  throw new DigestNotSentError('digest-busy', message);
}

async function sendOrRelease(
  watermark: Watermark,
  digest: Digest,
  { recipients }: DigestSettings,
  { sendDigest }: TickOptions,
): Promise<void> {
  try {
    await sendDigest(digest, recipients);
  } catch (cause) {
    // A lease that cannot be given back runs out by itself; the sender's error is the one to tell.
    await watermark.release().catch(() => undefined);
    const message = `The digest ${digest.name} could not be sent: its tick comes back and tries again.`;
    throw new DigestNotSentError('digest-send-failed', message, { cause });
  }
}

function checkTime({ digest }: DigestTick, { remainingMilliseconds }: TickOptions): void {
  if (remainingMilliseconds() >= TIME_FOR_SENDING) return;
  const problem = `The digest ${digest.name} has more batches to read than the time allows`;
  throw new DigestNotSentError('digest-out-of-time', `${problem}: raise the function's timeout or memory.`);
}

/**
 * What the digest would say if it were sent now, whether or not there is enough to say. Changes nothing.
 *
 * @param now Epoch milliseconds. Batches that are being stored at this moment may be missing.
 * @throws {UnreadableSummaryError}, and whatever DynamoDB failed with.
 */
export async function previewDigest(
  source: SummarySource,
  { name, timeZone }: Pick<DigestSettings, 'name' | 'timeZone'>,
  now: number,
): Promise<Digest> {
  const until = new Date(now).toISOString();
  const coveredUntil = (await readWatermark(source, name)) ?? firstWindowStart(until);
  const since = windowStart(coveredUntil, until);
  const { summary, batches } = await foldWindow(source, { since, until });
  return { name, timeZone, since, until, summary, batches };
}

/** Hours that a digest's first window reaches back: it has no earlier one to go on from. */
export const FIRST_WINDOW_HOURS = 24;

/**
 * End of the tick's window, ISO 8601.
 *
 * A summary is stored up to `settleMilliseconds` after the time that it is stamped with, so the window ends that long
 * before the schedule was due: everything in it is stored by then. What comes later is told by the next digest. Never
 * reaches into the future, whatever the tick says: the watermark would leave out what is yet to come.
 *
 * @param now Epoch milliseconds.
 */
export function windowEnd(tick: DigestTick, now: number, settleMilliseconds: number): string {
  const end =
    tick.until === undefined
      ? Math.min(Date.parse(tick.scheduledTime), now) - settleMilliseconds
      : Math.min(Date.parse(tick.until), now);
  return new Date(end).toISOString();
}

/** Where the first window of a digest starts, ISO 8601. */
export function firstWindowStart(until: string): string {
  return new Date(Date.parse(until) - FIRST_WINDOW_HOURS * HOUR_MS).toISOString();
}

/** Start of the window: where the last one ended, or as far back as summaries are kept. Never after `until`. */
export function windowStart(coveredUntil: string, until: string): string {
  const end = Date.parse(until);
  const oldest = end - SUMMARY_DAYS * 24 * HOUR_MS;
  return new Date(Math.min(end, Math.max(oldest, Date.parse(coveredUntil)))).toISOString();
}
