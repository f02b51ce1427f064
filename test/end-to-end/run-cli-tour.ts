/** `npm run cli-tour -- [UPLOADS]`: every command, built and run as a process, after a demo of so many uploads. Fails when one does. */
import path from 'node:path';
import { ensureAssembly } from '../../src/local/assembly.ts';
import { startLocalStack } from '../../src/local/local-stack.ts';
import { buildCli } from './built-cli.ts';
import { startTour, tourBucketCommands, tourDeadLetters, tourLookUps } from './cli-tour.ts';

const uploads = Number(process.argv[2] ?? 5000);
const outputDirectory = path.resolve(import.meta.dirname, '../../.cache/assembly-test');
const stack = await startLocalStack({ assemblyDirectory: await ensureAssembly({ outputDirectory }) });
const cli = await buildCli();
try {
  const tour = await startTour(stack, cli, uploads);
  for (const [name, part] of Object.entries({ tourLookUps, tourDeadLetters, tourBucketCommands })) {
    const startedAt = performance.now();
    await part(tour);
    process.stdout.write(`${name}: done after ${((performance.now() - startedAt) / 1000).toFixed(1)} s\n`);
  }
} finally {
  await Promise.all([stack.close(), cli.remove()]);
}
