import { SUMMARY_DAYS } from '../../contract/digest-tick.ts';
import type { DigestSettings } from '../../contract/email-settings.ts';
import type { DigestTick } from '../../notification/digest-tick.ts';
import { UploadLedgerError } from '../../shared/errors.ts';
import { type RetryOptions, retry } from '../../shared/retry.ts';
import { DAY_MS } from '../../shared/time.ts';
import type { Digest } from '../email/digest-email.ts';
import { type BatchSummary, countHeldBack, isEmptySummary, type Totals } from '../summary/batch-summary.ts';
import type { Window } from '../summary/summary-item.ts';
import { type FoldedWindow, foldWindow, type SummaryTable } from '../summary/summary-store.ts';
import { type Covered, readWatermark, Watermark } from './watermark.ts';

/** A digest whose time has come. */
export interface DueDigest extends Omit<DigestTick, 'digestName'> {
  readonly digest: DigestSettings;
}

/** Milliseconds that are kept back from reading, for sending. */
const TIME_FOR_SENDING_MS = 3_000;

export interface TickOptions extends SummaryTable, Pick<RetryOptions, 'clock' | 'deadline'> {
  /**
   * The longest that an invocation can take, clock differences included. A summary is stored within this time after its
   * stamp, and a tick ends within this time after its start.
   */
  readonly longestInvocationMs: number;
  /** Names this try: the message's id with the invocation's. */
  readonly owner: string;
  /** Renders the digest and sends it to all recipients. */
  readonly sendDigest: (digest: Digest, recipients: readonly string[]) => Promise<void>;
}

/**
 * What became of a tick.
 *
 * - `sent`: the email is out.
 * - `covered`: an earlier or a later tick has reported everything up to here.
 * - `nothing`: nothing happened since the last one.
 * - `waiting`: too few uploads; a later tick reports them, before their summaries expire.
 */
export type TickOutcome =
  | { readonly kind: 'sent'; readonly digest: Digest; readonly queries: number }
  | { readonly kind: 'covered' | 'nothing' | 'waiting'; readonly until: string };

/** A digest that was not sent now. A later receive of its tick can send it: the tick's message must come back. */
export class DigestNotSentError extends UploadLedgerError {
  override readonly name = 'DigestNotSentError';

  /**
   * @param code `digest-busy`: another tick of the same digest is being handled. `digest-out-of-time`: the invocation's
   *   time was up. `digest-send-failed`: sending failed, with its error as the cause.
   */
  constructor(
    code: 'digest-busy' | 'digest-out-of-time' | 'digest-send-failed',
    message: string,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
  }
}

/**
 * Sends the digest of everything since the last one that was sent, if there is something to report.
 *
 * Of several ticks for one window, also at the same time, one sends. All recipients may get an email again when one of
 * them could not be reached for a passing reason, when SES's answer was lost, or when the watermark did not move after
 * the email was sent: the call failed, or the invocation ended.
 *
 * @throws {DigestNotSentError}, {@link UnreadableSummaryError} or whatever DynamoDB failed with. The tick has to come
 *   back then. Nothing is lost: its window, or a later one, reports the same.
 */
export async function handleTick(tick: DueDigest, options: TickOptions): Promise<TickOutcome> {
  const { clock, deadline, longestInvocationMs } = options;
  const { name, timeZone } = tick.digest;
  const watermark = new Watermark({ ...options, digestName: name });
  const until = windowEnd(tick, clock.now(), longestInvocationMs);
  const covered = await watermark.readOrSet(firstWindowStart(until));
  if (until <= covered.until) return { kind: 'covered', until };

  const window = { since: windowStart(covered.until, until), until };
  const { summary, batches, queries } = await readWindow(name, window, options);
  const period = { ...window, uploads: summary.uploads };
  if (isEmptySummary(summary)) {
    await watermark.move(covered, period);
    return { kind: 'nothing', until };
  }
  if (!isWorthSending(summary, tick.digest) && !hasWaited(covered.until, until, tick.digest))
    return { kind: 'waiting', until };

  const digest = { name, timeZone, ...window, summary, ...periodBefore(covered, window), batches };
  if (!(await watermark.claim(covered.until, longestInvocationMs))) return yieldToOther(watermark, digest);
  await sendOrRelease(watermark, digest, tick.digest, options);
  // Retried as long as there is time: if it fails, the email is sent again.
  await retry(() => watermark.move(covered, period), { clock, deadline });
  return { kind: 'sent', digest, queries };
}

function isWorthSending(summary: BatchSummary, { minimumUploads }: DigestSettings): boolean {
  const problems = summary.failed + summary.quarantined + countHeldBack(summary);
  return problems > 0 || summary.uploads.count >= minimumUploads;
}

/** Whether the window has to be told now, whatever is in it: by the next tick its first summaries may have expired. */
function hasWaited(coveredUntil: string, until: string, digest: DigestSettings): boolean {
  return Date.parse(until) - Date.parse(coveredUntil) >= digest.maxWaitDays * DAY_MS;
}

/** How much longer than the other a period may be: months differ by a tenth, days by the hour of a clock change. */
const COMPARABLE = 1.15;

/** The uploads of the period before, where it ended as this one begins and was about as long. */
function periodBefore({ last }: Covered, { since, until }: Window): { readonly before?: Totals } {
  if (!last || last.until !== since) return {};
  const lengths = [Date.parse(until) - Date.parse(since), Date.parse(last.until) - Date.parse(last.since)];
  return Math.max(...lengths) <= COMPARABLE * Math.min(...lengths) ? { before: last.uploads } : {};
}

/** Another tick holds the lease, or has just finished. */
async function yieldToOther(watermark: Watermark, { name, until }: Digest): Promise<TickOutcome> {
  const covered = await watermark.read();
  if (covered !== undefined && until <= covered.until) return { kind: 'covered', until };
  const message = `The digest ${name} is being sent by another tick: this tick is tried again later.`;
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
    // A lease that cannot be released expires by itself. The error to report is the sender's.
    await watermark.release().catch(() => undefined);
    const message = `The digest ${digest.name} could not be sent: its tick is tried again.`;
    throw new DigestNotSentError('digest-send-failed', message, { cause });
  }
}

async function readWindow(name: string, window: Window, options: TickOptions): Promise<FoldedWindow> {
  const { clock, deadline } = options;
  const signal = clock.timeout(deadline - TIME_FOR_SENDING_MS - clock.now());
  try {
    return await foldWindow(options, window, signal);
  } catch (cause) {
    if (!signal.aborted) throw cause;
    const message = `The batches of the digest ${name} could not be read in the time that was left: if this repeats, raise the function's timeout or memory.`;
    throw new DigestNotSentError('digest-out-of-time', message, { cause });
  }
}

/**
 * What the digest would say if it were sent now, whether or not it is worth sending. Changes nothing.
 *
 * @param now Epoch milliseconds. Batches that are being stored at this moment may be missing.
 * @throws {UnreadableSummaryError}, and whatever DynamoDB failed with.
 */
export async function previewDigest(
  table: SummaryTable,
  { name, timeZone }: Pick<DigestSettings, 'name' | 'timeZone'>,
  now: number,
): Promise<Digest> {
  const until = new Date(now).toISOString();
  const covered = (await readWatermark(table, name)) ?? { until: firstWindowStart(until) };
  const window = { since: windowStart(covered.until, until), until };
  const { summary, batches } = await foldWindow(table, window);
  return { name, timeZone, ...window, summary, ...periodBefore(covered, window), batches };
}

/**
 * End of the tick's window, ISO 8601.
 *
 * A summary is stored up to `longestInvocationMs` after its stamp, so the window ends that long before the schedule was
 * due: everything in it is stored by then. What comes later is in the next digest. Never in the future, whatever the
 * tick says: the watermark would skip what is yet to come.
 *
 * @param now Epoch milliseconds.
 */
export function windowEnd(tick: Omit<DueDigest, 'digest'>, now: number, longestInvocationMs: number): string {
  const end =
    tick.until === undefined
      ? Math.min(Date.parse(tick.scheduledTime), now) - longestInvocationMs
      : Math.min(Date.parse(tick.until), now);
  return new Date(end).toISOString();
}

/** Where the first window of a digest starts, ISO 8601: a day back, because there is no earlier one to continue. */
export function firstWindowStart(until: string): string {
  return new Date(Date.parse(until) - DAY_MS).toISOString();
}

/** Start of the window: where the last one ended, or as far back as summaries are kept. Never after `until`. */
export function windowStart(coveredUntil: string, until: string): string {
  const end = Date.parse(until);
  const oldest = end - SUMMARY_DAYS * DAY_MS;
  return new Date(Math.min(end, Math.max(oldest, Date.parse(coveredUntil)))).toISOString();
}
