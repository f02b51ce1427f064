import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundleFunction } from '../../infra/bundle/function-bundle.ts';
import { invokeBundle } from '../infra/bundle/bundle-process.ts';
import { lambdaEnvironment } from '../lab/bench/worker/lambda-environment.ts';
import { uploadsEvent } from './budget-batch.ts';
import { startStubServer } from './stub-server.ts';

const MINUTE = 60_000;
const directory = mkdtempSync(path.join(tmpdir(), 'upload-ledger-budget-'));

beforeAll(() => {
  bundleFunction('consumer', directory);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Bytes on standard output and standard error for each upload of a batch, by default settings. */
async function logBytes(uploads: number): Promise<number> {
  const { endpoint } = await startStubServer();
  const entry = path.join(directory, 'consumer.mjs');
  // Metrics have a document for each minute: the uploads of a small batch lie in one.
  const endOfMinute = Math.floor(Date.now() / MINUTE) * MINUTE - 1;
  const { lines } = await invokeBundle(entry, lambdaEnvironment(endpoint), uploadsEvent(uploads, endOfMinute));
  return lines.reduce((bytes, line) => bytes + Buffer.byteLength(JSON.stringify(line)) + 1, 0) / uploads;
}

it('logs at most 50 bytes for each upload in batches of 100, metrics included', async () => {
  expect(await logBytes(100)).toBeLessThanOrEqual(50);
});

it('logs at most 20 bytes for each upload in batches of 1,000, metrics included', async () => {
  expect(await logBytes(1_000)).toBeLessThanOrEqual(20);
});
