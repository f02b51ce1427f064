import { SendMessageCommand } from '@aws-sdk/client-sqs';

import { runSteps } from '../../../src/cli/demo/run-steps.ts';
import { readDeadLetters, sumMetrics } from '../../../src/cli/demo/stack-contents.ts';
import type { FunctionCounters } from '../../../src/local/lambda/local-function.ts';
import type { NotificationFaults } from '../../../src/local/s3/notification-faults.ts';
import { checkDeadLetters } from './checks/check-dead-letters.ts';
import { checkDigests, readDigests } from './checks/check-digests.ts';
import { checkLog } from './checks/check-log.ts';
import { checkMetrics } from './checks/check-metrics.ts';
import { checkReconcile } from './checks/check-reconcile.ts';
import { checkRecords, readItems } from './checks/check-records.ts';
import { checkSummaries } from './checks/check-summaries.ts';
import { OVERTAKEN } from './deliveries.ts';
import { DigestTicks } from './digest-ticks.ts';
import type { Fault } from './faults/fault-kinds.ts';
import { type Bounds, Faults } from './faults/faults.ts';
import type { Schedule } from './faults/schedule.ts';
import type { Histories } from './histories.ts';
import { modelOf } from './model.ts';
import { makePoison, type Poison } from './poison.ts';
import { redriveAll } from './redrive.ts';
import { planUploads, type UploadPlan } from './upload-plan.ts';
import type { Violation } from './violation.ts';
import { openWorld, type World } from './world.ts';

/** One message in so many is poison. */
const POISON_SHARE = 40;

/** Runs in this process so far. */
let runs = 0;

export interface ChaosOptions extends Bounds {
  readonly assemblyDirectory: string;
  readonly uploads: number;
  readonly seed: number;
  readonly schedule: Schedule;
  readonly notificationFaults: Omit<NotificationFaults, 'seed'>;
}

export interface ChaosResult {
  readonly violations: readonly Violation[];
  readonly struck: readonly Fault[];
  /** Faults by kind, those of messages and outages among them. */
  readonly counts: ReadonlyMap<string, number>;
  readonly records: number;
  readonly poison: number;
  /** Digest emails. */
  readonly digests: number;
  /** Messages that used up their receives, and were redriven. */
  readonly redriven: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly logLines: number;
  /** How many execution environments there were, and how they ended. */
  readonly ends: Readonly<FunctionCounters>;
  readonly seconds: number;
  /** Seconds from the start to the end of each part of the run. */
  readonly parts: Readonly<Record<string, number>>;
  readonly histories: Histories;
}

/** Uploads, lets everything go wrong, waits until all is quiet, redrives, and holds what there is against the model. */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const startedAt = performance.now();
  const parts: Record<string, number> = {};
  const endOf = (part: string) => {
    parts[part] = (performance.now() - startedAt) / 1000;
  };
  runs += 1;
  const faults = new Faults(options.schedule, options);
  const { assemblyDirectory, seed, uploads } = options;
  const world = await openWorld({
    assemblyDirectory,
    digest: `chaos-${runs}`,
    seed,
    notificationFaults: { seed, ...options.notificationFaults },
    faults,
  });
  try {
    const ticks = new DigestTicks(world.stack, `chaos-${runs}`);
    const plan = planUploads(uploads, seed);
    const poison = makePoison(Math.floor(uploads / POISON_SHARE));
    await upload(world, plan, poison);
    endOf('uploading');
    await ticks.stop();
    await world.drained();
    endOf('trouble');
    faults.calm();
    const redriven = await redriveAll(world);
    await world.drained();
    await ticks.sendLast();
    await world.drained();
    endOf('redriving');
    const end = redriven.end === 'empty' ? [] : [{ what: `the redrive ended with ${JSON.stringify(redriven)}` }];
    const checked = await check(world, { plan, poison, digest: ticks.digest, seed });
    return {
      ...checked,
      violations: [...end, ...checked.violations],
      struck: faults.struck,
      counts: countFaults(faults, world).set('message: never delivered', checked.lost),
      redriven: redriven.moved,
      metrics: sumMetrics(world.metrics),
      logLines: world.log.length,
      ends: world.ends(),
      parts,
      seconds: (performance.now() - startedAt) / 1000,
      histories: world.histories,
    };
  } finally {
    await world.close();
  }
}

async function upload({ stack, clients }: World, plan: UploadPlan, poison: readonly Poison[]): Promise<void> {
  const sendPoison = async () => {
    for (const { body } of poison) {
      await clients.sqs.send(new SendMessageCommand({ QueueUrl: stack.queueUrl, MessageBody: body }));
    }
  };
  const sent = sendPoison();
  for (const wave of plan) await runSteps(wave, stack);
  await sent;
}

interface Done {
  readonly plan: UploadPlan;
  readonly poison: readonly Poison[];
  readonly digest: string;
  readonly seed: number;
}

async function check(world: World, { plan, poison, digest, seed }: Done) {
  const { stack, changes, clients, deliveries, metrics, log } = world;
  const { bucketName: bucket, indexShards: shards, resources, tableName } = stack;
  const model = modelOf({ plan, poison, bucket, region: resources.region, shards, changes });
  const items = await readItems(clients.dynamodb, tableName);
  const letters = await readDeadLetters(stack);
  const digests = readDigests(await stack.servers.mail.emails(), digest);
  const reconciled = await checkReconcile(world, model, seed);
  const violations = [
    ...checkRecords(model, items),
    ...checkDeadLetters(poison, letters, deliveries.counts),
    ...checkMetrics(model, deliveries.counts, metrics),
    ...checkSummaries(items, log),
    ...checkDigests(model, items, digests, deliveries.counts),
    ...checkLog(log),
    ...reconciled.violations,
  ];
  return { violations, lost: reconciled.lost, records: model.size, poison: poison.length, digests: digests.length };
}

function countFaults(faults: Faults, { stack, deliveries }: World): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { place, kind } of faults.struck) {
    counts.set(`${place}: ${kind}`, (counts.get(`${place}: ${kind}`) ?? 0) + 1);
  }
  counts.set('table: refused by an outage', faults.outageCalls);
  counts.set('mail: digest refused in the calm', faults.digestsRefused);
  const { duplicates, delayed } = stack.notifier.counts();
  counts.set('message: duplicated', duplicates);
  counts.set('message: delayed', delayed);
  counts.set(OVERTAKEN, deliveries.counts.overtaken);
  return counts;
}
