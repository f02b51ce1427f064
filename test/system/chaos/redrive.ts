import { ledgerQueues } from '../../../src/dead-letters/queues.ts';
import { type RedriveReport, redrive } from '../../../src/dead-letters/redrive.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import type { World } from './world.ts';

/** Milliseconds for the first of the redriven messages, which may all have their records already and prove nothing. */
const CANARY = 4_000;

/** Moves back what died of curable causes, by the product's own redrive. */
export async function redriveAll({ stack, clients }: World): Promise<RedriveReport> {
  const { sqs, dynamodb } = clients;
  const queues = ledgerQueues({ sqs, dynamodb: async () => dynamodb, resources: stack, clock: systemClock });
  return redrive({ ...queues, all: false, dryRun: false, canaryMilliseconds: CANARY });
}
