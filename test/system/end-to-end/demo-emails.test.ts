import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planDemo } from '../../../src/cli/demo/plan.ts';
import { findProblems } from '../../../src/cli/demo/proof.ts';
import { type DemoRun, runDemo } from '../../../src/cli/demo/run-demo.ts';
import { type LocalStack, startLocalStack } from '../../../src/local/stack.ts';
import { assemblyDirectory } from '../../setup/assembly-directory.ts';

const UPLOADS = 120;

describe('the demo, with notifications that come twice and out of order', () => {
  let stack: LocalStack;
  let run: DemoRun;

  beforeAll(async () => {
    const notificationFaults = { seed: 4, shuffle: 60, duplicate: 0.5 };
    stack = await startLocalStack({ assemblyDirectory: assemblyDirectory('localEmail'), notificationFaults });
    run = await runDemo(stack, planDemo(UPLOADS, 4));
  });

  afterAll(() => stack?.close());

  it('sends one digest that covers every upload, and reports how many it counts twice', () => {
    expect(findProblems(run.summary)).toEqual([]);
    expect(run.summary).toMatchObject({ digests: 1, digestUploads: UPLOADS });
    expect(run.summary.digestRepeats).toBeGreaterThan(0);
    expect(run.emails.uploads).toBe(UPLOADS + run.summary.digestRepeats);
    expect(run.summary.metrics).toMatchObject({ DigestsSent: 1 });
  });

  it('sends an alert for the one large file, once for each batch with it', () => {
    expect(run.summary).toMatchObject({ alertsExpected: 1, alerts: run.summary.metrics.AlertsSent });
    expect(run.emails.alerts[0]).toContain('uploads/in several parts.mov');
  });

  it('reports a digest that misses an upload or a byte, and a missing alert', () => {
    const fewer = { ...run.summary, digestUploads: UPLOADS - 1 };
    expect(findProblems(fewer)).toEqual(['the digests cover 119 of 120 uploads']);
    const smaller = { ...run.summary, digestBytes: run.summary.digestBytes - 1 };
    expect(findProblems(smaller)).toEqual([
      expect.stringMatching(/^the digests report [\d,]+ bytes, [\d,]+ were recorded$/),
    ]);
    const silent = { ...run.summary, alerts: 0 };
    expect(findProblems(silent)).toEqual(['1 uploads match an alert, but none was sent']);
  });
});
