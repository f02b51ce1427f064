import type { LocalStack } from '../local/stack.ts';

/**
 * Sends the digests whenever uploads have come to rest: once for a burst, however many records it has.
 *
 * @returns to be called at each record that is seen.
 */
export function openTickAfterUploads({ scheduler, drained }: Pick<LocalStack, 'scheduler' | 'drained'>): () => void {
  let isWaiting = false;
  const tick = async () => {
    await drained();
    // What is seen from here on may have come too late for this tick.
    isWaiting = false;
    await scheduler.tickNow();
  };
  return () => {
    if (isWaiting) return;
    isWaiting = true;
    // The stack is being closed when this fails: nobody waits for the digest any more.
    tick().catch(() => undefined);
  };
}
