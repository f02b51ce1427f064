import { once } from 'node:events';
import type { Random } from '../../../src/shared/seeded-random.ts';
import { INDEX_SHARDS } from '../../ledger/read/reader-table.ts';
import { BUCKET, type BucketWorld, openBucketWorld } from '../../ledger/reconcile/bucket-world.ts';
import { type BuiltCli, buildCli, type Ended, ended } from '../end-to-end/built-cli.ts';
import { Killer, openKillingProxy } from './killing-proxy.ts';

/**
 * Seconds for which the command hides messages here, instead of its own two minutes: nobody can wait for those a
 * hundred times.
 */
const HIDDEN_SECONDS = 1;

/** A bucket, a ledger and queues, and the built command that works on them until it is killed. */
export interface KillWorld {
  readonly world: BucketWorld;
  readonly deadLetterQueueUrl: string;
  readonly queueUrl: string;
  readonly cli: BuiltCli;
  /**
   * Runs the command and kills it at a random one of the first `requests` requests that it sends.
   *
   * @returns whether it was killed: it may have ended before.
   */
  runKilled(args: readonly string[], random: Random, requests: number): Promise<boolean>;
  /** Runs the command to its end, and says how many requests it took. */
  run(args: readonly string[]): Promise<Ended & { readonly requests: number }>;
  close(): Promise<void>;
}

export async function openKillWorld(): Promise<KillWorld> {
  const [world, cli] = await Promise.all([openBucketWorld(), buildCli()]);
  const killer = new Killer();
  const services = await openKillingProxy(world.services.server.endpoint, killer, hurried);
  const dynamodb = await openKillingProxy(world.table.endpoint, killer);
  const [queueUrl, deadLetterQueueUrl] = await Promise.all([world.createQueue('uploads'), world.createQueue('dead')]);
  await cli.announce({
    pid: process.pid,
    startedAt: 1,
    endpoints: {
      services: services.endpoint,
      dynamodb: dynamodb.endpoint,
      ses: services.endpoint,
      events: services.endpoint,
    },
    region: 'us-east-1',
    tableName: world.table.tableName,
    queueUrl,
    deadLetterQueueUrl,
    bucketName: BUCKET,
    indexShards: INDEX_SHARDS,
  });
  return {
    world,
    queueUrl,
    deadLetterQueueUrl,
    cli,
    runKilled: async (args, random, requests) => {
      const child = cli.start(args);
      const at = 1 + Math.floor(random() * requests);
      const when = random() < 0.5 ? 'before' : 'after';
      killer.aim({ request: at, when, kill: () => child.kill('SIGKILL') });
      child.stdout.resume();
      child.stderr.resume();
      const [, signal] = await once(child, 'close');
      return signal === 'SIGKILL';
    },
    run: async (args) => {
      killer.aim();
      const end = await ended(cli.start(args));
      return { ...end, requests: killer.count };
    },
    close: async () => {
      await Promise.all([services.close(), dynamodb.close(), cli.remove()]);
      await world.close();
    },
  };
}

/** What is received comes back soon, and an empty queue says so at once. */
function hurried(body: Record<string, unknown>, action: string): void {
  if (action === 'ReceiveMessage') Object.assign(body, { VisibilityTimeout: HIDDEN_SECONDS, WaitTimeSeconds: 0 });
}
