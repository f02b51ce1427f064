import type { S3Client } from '@aws-sdk/client-s3';
import { formatDuration } from '../../shared/format.ts';
import type { S3Location } from '../arguments/s3-uri.ts';
import type { Output } from './output.ts';

/** How far something long has come, shown on a terminal and nowhere else. */
export interface Progress {
  /** Shows it, from the first call on. @param part From 0 to 1. @param count What was done so far. */
  at(part: number, count: number): void;
  /** Takes it off the screen while something else is written there. It comes back with the next step. */
  aside(write: () => Promise<void>): Promise<void>;
  /** Takes it off the screen. */
  stop(): void;
}

/** Steps of the bar: it knows whole numbers only. */
const STEPS = 1000;

/**
 * Opens a bar on `output` with the rate and the time that remains.
 *
 * @param things What is counted, such as `records`.
 */
export async function openProgress(output: Output, things: string): Promise<Progress> {
  if (!output.isTerminal) return { at: () => undefined, aside: (write) => write(), stop: () => undefined };
  const { default: progress } = await import('cli-progress');
  const started = performance.now();
  const bar = new progress.SingleBar({
    stream: output.stream as NodeJS.WriteStream,
    format: `{bar} {percentage}%  {count} ${things}  {rate}/s  {left} left`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 24,
    clearOnComplete: true,
    // The program has its own way of stopping, and must find the cursor where it was.
    gracefulExit: false,
    hideCursor: false,
  });
  return {
    at: (part, count) => {
      // Not before: what is done at once needs no bar, which would only flash.
      if (!bar.isActive) bar.start(STEPS, 0, { count: 0, rate: 0, left: '' });
      const seconds = (performance.now() - started) / 1000;
      const rate = seconds > 0 ? Math.round(count / seconds) : 0;
      bar.update(Math.round(part * STEPS), {
        count: count.toLocaleString('en-US'),
        rate: rate.toLocaleString('en-US'),
        left: part > 0 ? formatDuration((seconds / part - seconds) * 1000) : 'some time',
      });
    },
    aside: (write) => {
      bar.stop();
      return write();
    },
    stop: () => bar.stop(),
  };
}

/** How many objects there are, as far as it is known. */
export interface CountAhead {
  /** How much of the whole `done` makes, from 0 to 1. */
  part(done: number): number;
}

/**
 * Counts the objects of a location in the background, for a bar that knows how long it takes: S3 does not tell. A listing is a request for a
 * thousand objects, and many times as fast as what else is done with each of them. Its errors are nobody's: the bar is then less exact.
 */
export async function countAhead(
  client: S3Client,
  { bucket, prefix }: S3Location,
  signal: AbortSignal,
  startAfter?: string,
): Promise<CountAhead> {
  const { listBucket } = await import('../../ledger/reconcile/bucket-listing.ts');
  let counted = 0;
  const options = {
    client,
    bucket,
    signal,
    ...(prefix !== undefined && { prefix }),
    ...(startAfter !== undefined && { startAfter }),
  };
  const count = async () => {
    for await (const page of listBucket(options)) counted += page.length;
  };
  count().catch(() => undefined);
  return { part: (done) => done / Math.max(counted, done, 1) };
}
