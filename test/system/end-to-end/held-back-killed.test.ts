import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDeadLetters } from '../../../src/cli/demo/stack-contents.ts';
import { toAlert } from '../../../src/digest/alerts/alert-rules.ts';
import { enqueueHeldBack } from '../../../src/digest/alerts/deliver-alerts.ts';
import { noteHeldBack } from '../../../src/digest/alerts/held-back.ts';
import type { ServiceCall } from '../../../src/local/servers/service-call.ts';
import { type LocalStack, startLocalStack } from '../../../src/local/stack.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { MINUTE_MS } from '../../../src/shared/time.ts';
import { assemblyDirectory } from '../../setup/assembly-directory.ts';

const HELD_BACK = 1_204;

/** Moments of the invocation that is killed: those of Lambda, and calls on their way. */
type KilledAt = 'started' | 'answered' | 'dynamodb:UpdateItem' | 'ses:SendRawEmail';

let stack: LocalStack;
let killedAt: KilledAt | undefined;
/** Kills the invocation that runs, when it began after `killedAt` was set: the test makes calls of its own before. */
let kill: (() => void) | undefined;
let kills = 0;

function reached(moment: string): void {
  if (moment !== killedAt || kill === undefined) return;
  killedAt = undefined;
  kills += 1;
  kill();
}

beforeAll(async () => {
  stack = await startLocalStack({
    assemblyDirectory: assemblyDirectory('alertsAlone'),
    retryAfterSeconds: 1,
    onCall: ({ action }: ServiceCall) => reached(action),
    onMoment: (moment, _, killInvocation) => {
      kill = killInvocation;
      reached(moment);
    },
  });
  await stack.drained();
});

afterAll(() => stack?.close());

/** Holds alerts back as the function does, a minute ago, so that their message is due now. */
async function holdBack(onEnqueue: () => void): Promise<void> {
  const { clients, queueUrl, tableName, email } = stack;
  const [rule] = email?.alerts ?? [];
  if (email === undefined || rule === undefined) throw new TypeError('Expected a stack with an alert rule.');
  const aMinuteAgo = { ...systemClock, now: () => systemClock.now() - MINUTE_MS };
  const time = new Date(aMinuteAgo.now()).toISOString();
  const first = { bucket: stack.bucketName, key: 'first.txt', filesize: 1, timestamp: time, uploadId: '1' };
  const matches = { count: HELD_BACK, bytes: 1, buckets: [first.bucket], mentions: [first] };
  const queue = { client: async () => clients.sqs, queueUrl };
  await noteHeldBack([toAlert('1', rule, matches)], {
    client: clients.dynamodb,
    tableName,
    rules: email.alerts,
    alertsPerMinute: email.alertsPerMinute,
    clock: aMinuteAgo,
    deadline: aMinuteAgo.now() + MINUTE_MS,
    enqueue: (minute) => {
      onEnqueue();
      return enqueueHeldBack({ minute }, 0, queue, AbortSignal.timeout(MINUTE_MS));
    },
  });
}

async function subjects(): Promise<string[]> {
  return (await stack.servers.mail.emails()).map(({ subject }) => subject);
}

describe('a function that is killed while it tells what was held back', () => {
  it.each([
    ['before it has done anything', 'started', 1],
    // An email too few is better than the same one again and again: the log has named the alerts.
    ['while the table forgets what was held back', 'dynamodb:UpdateItem', 0],
    ['while SES takes the email', 'ses:SendRawEmail', 1],
    ['when it has answered', 'answered', 1],
  ] as const)('%s sends no email twice, and leaves no message', async (_, moment, emails) => {
    const before = (await subjects()).length;
    kills = 0;
    await holdBack(() => {
      killedAt = moment;
      kill = undefined;
    });
    await stack.drained();
    expect(kills).toBe(1);
    const sent = (await subjects()).slice(before);
    expect(sent).toEqual(Array(emails).fill(expect.stringContaining('1,204 more uploads')));
    expect(await readDeadLetters(stack)).toEqual([]);
  });
});
