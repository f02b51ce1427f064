import { setTimeout as sleep } from 'node:timers/promises';
import type { RedriveReport } from '../../../src/dead-letters/redrive.ts';
import { redrive } from '../../../src/dead-letters/redrive.ts';
import { storedKeys } from '../../../src/ledger/read/reader.ts';
import type { World } from './world.ts';

/** Milliseconds for the first of the redriven messages, which may all have their records already and prove nothing. */
const CANARY = 4_000;

/** Moves back what died of curable causes, by the product's own redrive. */
export async function redriveAll({ stack, clients }: World): Promise<RedriveReport> {
  const { tableName, indexShards } = stack;
  return redrive({
    deadLetters: { client: clients.sqs, url: stack.deadLetterQueueUrl },
    uploads: { client: clients.sqs, url: stack.queueUrl },
    verdict: { uploads: {}, records: { indexShards, source: 'notification' } },
    all: false,
    dryRun: false,
    canaryMilliseconds: CANARY,
    stored: (keys) => storedKeys({ client: clients.dynamodb, tableName }, keys),
    now: Date.now,
    wait: (milliseconds) => sleep(milliseconds),
  });
}
