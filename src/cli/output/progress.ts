import type { S3Client } from '@aws-sdk/client-s3';
import { formatCount, formatDuration } from '../../shared/format.ts';
import { SECOND_MS } from '../../shared/time.ts';
import type { S3Location } from '../arguments/s3-uri.ts';
import type { CliContext } from '../context.ts';

/** A progress bar on stderr, where that is a terminal. Without a terminal every method does nothing. */
export interface Progress {
  /** Shows the bar, from the first call on. @param part From 0 to 1. @param count What was done so far. */
  update(part: number, count: number): void;
  /** Takes the bar off the screen while `write` writes there. It comes back with the next step. */
  suspend(write: () => Promise<void>): Promise<void>;
  /** Takes the bar off the screen. */
  stop(): void;
}

/** Steps of the bar, which counts in whole numbers. */
const STEPS = 1000;

/** A bar with the rate and the time that remains. @param things What is counted, such as `records`. */
export async function createProgress(
  { stderr, clock }: Pick<CliContext, 'stderr' | 'clock'>,
  things: string,
): Promise<Progress> {
  if (!stderr.isTerminal) return { update: () => undefined, suspend: (write) => write(), stop: () => undefined };
  const { default: progress } = await import('cli-progress');
  const startedAt = clock.monotonic();
  const bar = new progress.SingleBar({
    stream: stderr.stream as NodeJS.WriteStream,
    format: `{bar} {percentage}%  {count} ${things}  {rate}/s  {left} left`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 24,
    clearOnComplete: true,
    // The program handles signals itself.
    gracefulExit: false,
    hideCursor: false,
  });
  return {
    update: (part, count) => {
      // Not before the first step: for what is done at once, the bar would only flash.
      if (!bar.isActive) bar.start(STEPS, 0, { count: 0, rate: 0, left: '' });
      const seconds = (clock.monotonic() - startedAt) / SECOND_MS;
      const rate = seconds > 0 ? Math.round(count / seconds) : 0;
      bar.update(Math.round(part * STEPS), {
        count: formatCount(count),
        rate: formatCount(rate),
        left: part > 0 ? formatDuration((seconds / part - seconds) * SECOND_MS) : 'some time',
      });
    },
    suspend: (write) => {
      bar.stop();
      return write();
    },
    stop: () => bar.stop(),
  };
}

/** How much is done of a total that is only approximate, from 0 to 1. */
export function partOf(done: number, total: number): number {
  return Math.min(1, done / Math.max(1, total));
}

/**
 * Runs a redrive or a redelivery with a progress bar, and writes its report: also when it fails, of what was done by
 * then.
 *
 * @param total Approximately how many messages it will look at.
 */
export async function runWithReport<Report extends { readonly looked: number; readonly end: string }>(
  total: number,
  run: (onProgress: (report: Report) => void) => Promise<Report>,
  write: (report: Report) => Promise<void>,
  context: Pick<CliContext, 'stderr' | 'clock'>,
): Promise<void> {
  const progress = await createProgress(context, 'messages');
  let last: Report | undefined;
  try {
    last = await run((report) => {
      last = report;
      progress.update(partOf(report.looked, total), report.looked);
    });
  } catch (error) {
    last &&= { ...last, end: 'stopped' };
    throw error;
  } finally {
    progress.stop();
    if (last !== undefined) await write(last);
  }
}

/** How much of the whole `done` objects are, from 0 to 1. */
export type PartDone = (done: number) => number;

/**
 * Counts the objects of a location in the background, for a bar that knows how long it takes. A listing returns a
 * thousand objects a request, so it is many times faster than the work on them. Its errors are ignored: they only make
 * the bar less exact.
 */
export async function countObjects(
  client: Pick<S3Client, 'send'>,
  location: S3Location & { readonly startAfter?: string },
  { stderr, signal }: CliContext,
): Promise<PartDone> {
  if (!stderr.isTerminal) return () => 0;
  const { listBucket } = await import('../../ledger/reconcile/bucket-listing.ts');
  let counted = 0;
  const count = async () => {
    for await (const page of listBucket({ client, signal, ...location })) counted += page.length;
  };
  count().catch(() => undefined);
  return (done) => partOf(done, counted);
}
