import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assemblyDirectory } from '../../setup/assembly-directory.ts';
import { type BuiltCli, buildCli } from '../end-to-end/built-cli.ts';
import { runWebhooks, type WebhooksReport } from './run-webhooks.ts';

/** `npm run lab -- webhooks` does the same with 5,000. */
const UPLOADS = 100;

describe('webhooks whose endpoints fail in every way', () => {
  let cli: BuiltCli;
  let report: WebhooksReport;

  beforeAll(async () => {
    cli = await buildCli();
    report = await runWebhooks({ assemblyDirectory: assemblyDirectory('webhooks'), cli, uploads: UPLOADS, seed: 11 });
  }, 600_000);
  afterAll(() => cli?.remove());

  it('lose and invent no event, and come back after one command to the webhook that missed them alone', () => {
    expect(report.problems).toEqual([]);
  });

  it('have met failures at each endpoint that fails', () => {
    for (const name of ['flaky', 'resets']) expect(report.requests[name]).toBeGreaterThan(UPLOADS);
    expect(report.brokenWhileAway).toBeGreaterThan(0);
  });
});
