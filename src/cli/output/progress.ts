import { formatDuration } from '../../shared/format.ts';
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
