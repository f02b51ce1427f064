import { DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { decideRedrive } from '../../../src/dead-letters/redrive-decision.ts';
import type { Random } from '../../../src/shared/seeded-random.ts';
import { goodBody, SETTINGS } from '../../dead-letters/dead-letter-queues.ts';
import { differences, type Round } from './kill-bucket-commands.ts';
import type { KillWorld } from './kill-world.ts';

/** Dead letters of a round that would succeed today, and that would not. */
const GOOD = 24;
const POISON = 3;

/** Runs after the killed one before the round fails: each may find messages that the killed one still hides. */
const MOST_RUNS = 20;

/** Seconds that the first ten messages get; a consumer is at work all the time. */
const ARGS = ['dlq', 'redrive', '--canary-wait', '20s'];

/**
 * Kills a redrive once, runs it until nothing is left to move, and compares ledger and queues with what they must be.
 */
export async function killRedrive(kill: KillWorld, random: Random, round: number): Promise<Round> {
  const { world } = kill;
  await world.clear();
  const bodies = Array.from({ length: GOOD }, (_, index) => goodBody(round * GOOD + index));
  const poison = Array.from({ length: POISON }, (_, index) => `noise ${round}-${index}`);
  for (const body of [...bodies, ...poison]) await send(kill, body);
  const consumer = consume(kill);
  // Some receives, three moves of two requests each, looks at the ledger, and giving back.
  const kills = Number(await kill.runKilled(ARGS, random, 20));
  let runs = 0;
  let outcome = await kill.run([...ARGS, '--json']);
  while (await isUnfinished(kill, poison)) {
    runs += 1;
    if (runs > MOST_RUNS) break;
    outcome = await kill.run([...ARGS, '--json']);
  }
  await consumer.stop();
  const faults = outcome.exitCode === 0 ? [] : [`the last run ended with ${outcome.exitCode}: ${outcome.stderr}`];
  const left = await contents(kill, 'dead');
  faults.push(...differences(poison, left));
  const waiting = await contents(kill, 'uploads');
  if (waiting.length > 0) faults.push(`uploads queue: expected nothing; got ${waiting}`);
  const wanted = bodies.flatMap(recordsOf).map(({ s3_object, upload_id }) => `${s3_object} ${upload_id}`);
  const stored = (await world.records()).map(({ s3_object, upload_id }) => `${s3_object} ${upload_id}`);
  faults.push(...differences(wanted, stored));
  await drain(kill);
  return { kills, faults };
}

function recordsOf(body: string) {
  const decision = decideRedrive(body, SETTINGS);
  return decision.succeeds ? decision.records : [];
}

async function send({ world, deadLetterQueueUrl }: KillWorld, body: string): Promise<void> {
  await world.services.sqs.send(new SendMessageCommand({ QueueUrl: deadLetterQueueUrl, MessageBody: body }));
}

/** Replaces the function: the same parser, the same records, and messages deleted afterwards. */
function consume({ world, queueUrl }: KillWorld) {
  let isRunning = true;
  const work = async () => {
    while (isRunning) {
      const command = new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 });
      const { Messages = [] } = await world.services.sqs.send(command);
      for (const { Body = '', ReceiptHandle } of Messages) {
        await world.table.put(...recordsOf(Body));
        await world.services.sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
      }
    }
  };
  const working = work();
  return {
    stop: async () => {
      isRunning = false;
      await working;
    },
  };
}

/** Whether the queues still hold anything but the poison. */
async function isUnfinished(kill: KillWorld, poison: readonly string[]): Promise<boolean> {
  const [dead, uploads] = await Promise.all([contents(kill, 'dead'), contents(kill, 'uploads')]);
  return uploads.length > 0 || dead.join() !== poison.join();
}

/** Bodies of all that a queue holds, hidden or not, without receiving. */
async function contents({ world }: KillWorld, queue: string): Promise<string[]> {
  const { ready = [], delayed = [], inFlight = [] } = (await world.services.server.inspectQueue(queue)) ?? {};
  return [...ready, ...delayed, ...inFlight].map(({ body }) => body).sort();
}

async function drain({ world, deadLetterQueueUrl: QueueUrl }: KillWorld): Promise<void> {
  while ((await contents({ world } as KillWorld, 'dead')).length > 0) {
    const { Messages = [] } = await world.services.sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
    );
    for (const { ReceiptHandle } of Messages) {
      await world.services.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
  }
}
