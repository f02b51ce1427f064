import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DemoPlan, planDemo } from '../../../src/cli/demo/plan.ts';
import { type DemoSummary, findProblems } from '../../../src/cli/demo/proof.ts';
import { runDemo } from '../../../src/cli/demo/run-demo.ts';
import { LOCAL_ACCOUNT_ID } from '../../../src/local/identity.ts';
import { type LocalStack, startLocalStack } from '../../../src/local/stack.ts';
import { assemblyDirectory } from '../../setup/assembly-directory.ts';

const UPLOADS = 60;

/** EventBridge names an account where a notification names a person: all that both agree on is one who is called so. */
function byTheAccount({ burst, afterwards }: DemoPlan): DemoPlan {
  const signed = (steps: DemoPlan['burst']) => steps.map((step) => ({ ...step, uploader: LOCAL_ACCOUNT_ID }));
  return { burst: signed(burst), afterwards: signed(afterwards) };
}

describe.each(['owned bucket', 'owned bucket through EventBridge'] as const)(
  'the stack with the variant %s, run from its template',
  (variant) => {
    const isDirect = variant === 'owned bucket';
    let stack: LocalStack;
    let summary: DemoSummary;

    beforeAll(async () => {
      stack = await startLocalStack({
        assemblyDirectory: assemblyDirectory(isDirect ? 'default' : 'eventBridge'),
        notificationFaults: { seed: 5, shuffle: 10, duplicate: 0.1 },
      });
      const plan = byTheAccount(planDemo(UPLOADS, 5));
      ({ summary } = await runDemo(stack, plan));
    });

    afterAll(() => stack?.close());

    it('gives every upload, awkward key, second upload and delete its record, and no record too many', () => {
      expect(findProblems(summary)).toEqual([]);
      expect(summary).toMatchObject({ uploaded: UPLOADS, recorded: UPLOADS, deleted: 1, deletesRecorded: 1 });
      expect(summary).toMatchObject({ missing: 0, unexpected: 0, misordered: 0, quarantined: 3 });
    });

    it('gets notifications in its own way only', () => {
      const { notifications, eventBridge } = stack.resources.buckets[0] ?? {};
      expect({ direct: notifications?.length !== 0, eventBridge }).toEqual({
        direct: isDirect,
        eventBridge: !isDirect,
      });
      // S3 sends a test event for each configuration that it is given; EventBridge sends none.
      expect(summary.metrics.TestEvents).toBe(isDirect ? 4 : 0);
    });
  },
);
