import { afterEach, describe, expect, it } from 'vitest';
import { planDemo } from '../../../src/cli/demo/plan.ts';
import { findProblems } from '../../../src/cli/demo/proof.ts';
import { runDemo } from '../../../src/cli/demo/run-demo.ts';
import type { BatchReport } from '../../../src/local/poller/invocation.ts';
import type { TableFaults } from '../../../src/local/servers/table-faults.ts';
import { type LocalStack, startLocalStack } from '../../../src/local/stack.ts';
import { assemblyDirectory } from '../../setup/assembly-directory.ts';

const UPLOADS = 300;

describe('a table that refuses writes', () => {
  let stack: LocalStack | undefined;
  const batches: BatchReport[] = [];

  afterEach(async () => {
    await stack?.close();
    batches.length = 0;
  });

  /** A burst against a table with faults, which end when `isEnough` says so. */
  async function burst(faults: TableFaults, isEnough: (started: LocalStack) => boolean = () => false) {
    const started = await startLocalStack({
      assemblyDirectory: assemblyDirectory(),
      retryAfterSeconds: 2,
      onBatch: (batch) => {
        batches.push(batch);
        if (isEnough(started)) started.servers.table.setFaults();
      },
    });
    stack = started;
    started.servers.table.setFaults({ seed: 11, ...faults });
    return (await runDemo(started, planDemo(UPLOADS, 11))).summary;
  }

  const failedMessages = () => batches.reduce((sum, { failures }) => sum + failures, 0);

  it('gets unprocessed items again within the same invocation', async () => {
    const summary = await burst({ unprocessed: 0.3 });
    expect(findProblems(summary)).toEqual([]);
    expect(stack?.servers.table.counters.unprocessed).toBeGreaterThan(UPLOADS / 10);
    expect(summary.metrics.UnprocessedRetries).toBe(stack?.servers.table.counters.unprocessed);
    expect(failedMessages()).toBe(0);
  });

  it('gets exactly the messages of failed calls again', async () => {
    // So many tries are refused that some call uses up its retries, in whatever order calls are made. The summary reads the table after that.
    const summary = await burst({ throttle: 0.2, fail: 0.95 }, () => failedMessages() > 0);
    expect(summary).toMatchObject({ uploaded: UPLOADS, recorded: UPLOADS, missing: 0, unexpected: 0, quarantined: 3 });
    expect(failedMessages()).toBeGreaterThan(0);
    expect(summary.metrics.MessagesFailed).toBe(failedMessages());
    // Each message that failed was received once more, and none besides.
    const received = batches.reduce((sum, { size }) => sum + size, 0);
    expect(received - failedMessages()).toBe(UPLOADS + 1 + 3 + 4);
  });

  it('loses nothing when every call fails for a while', async () => {
    const summary = await burst({ fail: 1 }, () => failedMessages() >= UPLOADS);
    expect(summary).toMatchObject({ uploaded: UPLOADS, recorded: UPLOADS, missing: 0, unexpected: 0, quarantined: 3 });
    expect(summary.metrics.MessagesFailed).toBe(failedMessages());
  });

  it('has each record once when the connection breaks after the write took effect', async () => {
    const summary = await burst({ cutAfterWrite: 0.5 }, () => batches.length >= 8);
    expect(summary).toMatchObject({ uploaded: UPLOADS, recorded: UPLOADS, missing: 0, unexpected: 0, quarantined: 3 });
    expect(stack?.servers.table.counters.cut).toBeGreaterThan(0);
  });
});
