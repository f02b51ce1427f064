/** `npm run lab -- cli-tour [UPLOADS]`: every command, built and run as a process, after a demo of so many uploads. Fails when one does. */
import { buildCli } from '../system/end-to-end/built-cli.ts';
import { startTour, tourBucketCommands, tourDeadLetters, tourLookUps } from '../system/end-to-end/cli-tour.ts';
import { tourDeployed, tourDigests, tourDoctor, tourEstimate } from '../system/end-to-end/cli-tour-deployment.ts';
import { startEmailStack } from '../system/end-to-end/email-fixture.ts';
import { emailAssembly } from './email-assembly.ts';

const PARTS = {
  tourLookUps,
  tourDigests,
  tourDeadLetters,
  tourBucketCommands,
  tourDoctor,
  tourDeployed,
  tourEstimate,
};
const uploads = Number(process.argv[2] ?? 5000);
const stack = await startEmailStack({ assemblyDirectory: await emailAssembly() });
const cli = await buildCli();
try {
  const tour = await startTour(stack, cli, uploads);
  for (const [name, part] of Object.entries(PARTS)) {
    const startedAt = performance.now();
    await part(tour);
    process.stdout.write(`${name}: done after ${((performance.now() - startedAt) / 1000).toFixed(1)} s\n`);
  }
} finally {
  await Promise.all([stack.close(), cli.remove()]);
}
