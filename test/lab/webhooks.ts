/**
 * `npm run lab -- webhooks [--uploads 5000] [--seed 1]`: uploads to a local stack whose webhooks go to endpoints that fail
 * in every way, and counts what arrives. Exits with 1 when an event is lost, invented or comes back to the wrong endpoint.
 */
import path from 'node:path';
import { ensureAssembly } from '../../src/local/assembly.ts';
import { buildCli } from '../system/end-to-end/built-cli.ts';
import { webhookSettings } from '../system/webhooks/receivers.ts';
import { runWebhooks } from '../system/webhooks/run-webhooks.ts';
import { optionsOrExit } from './tool-options.ts';

const { uploads, seed } = optionsOrExit('npm run lab -- webhooks [--uploads N] [--seed S]', { uploads: 5000, seed: 1 });
const assemblyDirectory = await ensureAssembly({
  outputDirectory: path.resolve(import.meta.dirname, '../../.cache/assembly-webhooks'),
  context: { webhooks: webhookSettings() },
});
const cli = await buildCli();
try {
  const report = await runWebhooks({
    assemblyDirectory,
    cli,
    uploads,
    seed,
  });
  process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
  if (report.problems.length > 0) process.exitCode = 1;
} finally {
  await cli.remove();
}
