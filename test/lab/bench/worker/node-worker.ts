/**
 * A warm execution environment of a Node handler: `node node-worker.mjs ENTRY`, then {@link RunRequest}s until the
 * input ends.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { loadHandler, makeContext } from './invocation.ts';
import { REPLIES, type RunReply, type RunRequest } from './protocol.ts';

const [entry = ''] = process.argv.slice(2);
const handler = await loadHandler(entry);
const payloads = new Map<string, unknown>();

for await (const line of createInterface(process.stdin)) {
  writeSync(REPLIES, `${JSON.stringify(await run(JSON.parse(line)))}\n`);
}
// The handler's connections would keep the process alive.
process.exit();

async function run({ payload, batches }: RunRequest): Promise<RunReply> {
  const event = payloads.get(payload) ?? JSON.parse(readFileSync(payload, 'utf8'));
  payloads.set(payload, event);
  let failed = 0;
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  for (let batch = 0; batch < batches; batch++) {
    const response = await handler(event, makeContext(randomUUID()));
    failed += response?.batchItemFailures?.length ?? 0;
  }
  const seconds = (performance.now() - start) / 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { seconds, cpuSeconds: (user + system) / 1e6, peakBytes: process.resourceUsage().maxRSS * 1_024, failed };
}
