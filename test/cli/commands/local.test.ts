import { describe, expect, it, vi } from 'vitest';
import { createDigestTrigger } from '../../../src/cli/commands/local.ts';

/** A stack whose drains end when the test says so. */
function stack() {
  const drains: (() => void)[] = [];
  const tickNow = vi.fn(async () => ['daily']);
  const drained = vi.fn(() => new Promise<void>((resolve) => drains.push(resolve)));
  const seen = createDigestTrigger({ drained, scheduler: { tickNow } as never });
  return { seen, tickNow, drained, drains };
}

describe('createDigestTrigger', () => {
  it('sends the digests once for a burst, when all of it is recorded', async () => {
    const { seen, tickNow, drains } = stack();
    for (let record = 0; record < 5; record += 1) seen();
    expect(drains).toHaveLength(1);
    expect(tickNow).not.toHaveBeenCalled();
    drains[0]?.();
    await vi.waitFor(() => expect(tickNow).toHaveBeenCalledTimes(1));
  });

  it('sends them again for records that appear meanwhile', async () => {
    const { seen, tickNow, drains } = stack();
    tickNow.mockImplementationOnce(async () => {
      seen();
      return [];
    });
    seen();
    drains[0]?.();
    await vi.waitFor(() => expect(drains).toHaveLength(2));
    drains[1]?.();
    await vi.waitFor(() => expect(tickNow).toHaveBeenCalledTimes(2));
  });

  it('goes on after a drain that failed', async () => {
    const { seen, tickNow, drained, drains } = stack();
    drained.mockRejectedValueOnce(new Error('a notification was lost'));
    seen();
    await vi.waitFor(() => {
      seen();
      expect(drains).toHaveLength(1);
    });
    drains[0]?.();
    await vi.waitFor(() => expect(tickNow).toHaveBeenCalledTimes(1));
  });

  it('ignores the error of a stack that is being closed', async () => {
    const { seen, tickNow, drains } = stack();
    tickNow.mockRejectedValue(new Error('closed'));
    seen();
    drains[0]?.();
    await vi.waitFor(() => expect(tickNow).toHaveBeenCalledTimes(1));
  });
});
