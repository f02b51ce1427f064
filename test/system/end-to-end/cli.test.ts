import { afterAll, beforeAll, describe, it } from 'vitest';
import type { LocalStack } from '../../../src/local/stack.ts';
import { type BuiltCli, buildCli } from './built-cli.ts';
import { startTour, type Tour, tourBucketCommands, tourDeadLetters, tourLookUps } from './cli-tour.ts';
import { tourDeployed, tourDigests, tourDoctor } from './cli-tour-deployment.ts';
import { startEmailStack } from './email-fixture.ts';

/** `npm run lab -- cli-tour` does the same after 5,000. */
const UPLOADS = 40;

let stack: LocalStack;
let cli: BuiltCli;
let tour: Tour;

beforeAll(async () => {
  [stack, cli] = await Promise.all([startEmailStack(), buildCli()]);
  tour = await startTour(stack, cli, UPLOADS);
});
afterAll(async () => {
  await Promise.all([stack?.close(), cli?.remove()]);
});

describe('the built command, as a process beside a local stack', () => {
  it('looks up what was uploaded', () => tourLookUps(tour));

  it('previews a digest, and sends it', () => tourDigests(tour));

  it('shows dead letters, redrives those that would now succeed, and purges the rest', () => tourDeadLetters(tour));

  it('finds exactly what is missing, repairs it, and fills in what was there before', () => tourBucketCommands(tour));

  it('finds the stack in order, except while there is a dead letter', () => tourDoctor(tour));

  it('checks and prices a stack on AWS', () => tourDeployed(tour));
});
