import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startServiceServer } from '../../../../src/local/servers/service-server.ts';
import { systemClock } from '../../../../src/shared/clock.ts';
import { SECOND_MS } from '../../../../src/shared/time.ts';
import { TRY_ONCE } from '../../../builders/try-once.ts';
import { SimulatedQueue } from '../services/simulated-sqs.ts';
import { SimulatedSqs } from '../services/sqs-client.ts';
import { VirtualClock } from '../services/virtual-clock.ts';

/** An uploads queue and its dead-letter queue, both empty. */
export interface Queues {
  readonly uploads: string;
  readonly dead: string;
}

/** SQS, simulated or emulated. */
export interface QueueSubject {
  readonly client: Pick<SQSClient, 'send'>;
  /** Does the work with new queues, on the subject's own time. */
  run(work: (queues: Queues) => Promise<void>): Promise<void>;
  /** Lets time pass. */
  pass(milliseconds: number): Promise<void>;
  /** Epoch milliseconds. */
  now(): number;
  close(): Promise<void>;
}

export const VISIBILITY_SECONDS = 1;
export const MAX_RECEIVES = 2;

/** The emulator behind the real SDK. Time is the machine's. */
export async function emulatedQueues(): Promise<QueueSubject> {
  const server = await startServiceServer();
  const client = new SQSClient({
    endpoint: server.endpoint,
    useQueueUrlAsEndpoint: false,
    ...TRY_ONCE,
  });
  let made = 0;
  const create = async (QueueName: string, Attributes?: Record<string, string>) =>
    (await client.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl ?? '';
  const createBoth = async (): Promise<Queues> => {
    made += 1;
    const dead = await create(`dead-${made}`);
    const command = new GetQueueAttributesCommand({ QueueUrl: dead, AttributeNames: ['QueueArn'] });
    const deadLetterTargetArn = (await client.send(command)).Attributes?.QueueArn;
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: MAX_RECEIVES });
    const uploads = await create(`uploads-${made}`, { RedrivePolicy, VisibilityTimeout: String(VISIBILITY_SECONDS) });
    return { uploads, dead };
  };
  return {
    client,
    run: async (work) => work(await createBoth()),
    pass: (milliseconds) => systemClock.sleep(milliseconds),
    now: () => systemClock.now(),
    close: async () => {
      client.destroy();
      await server.close();
    },
  };
}

export async function simulatedQueues(): Promise<QueueSubject> {
  const clock = new VirtualClock(1_000_000, 1);
  const queues: SimulatedQueue[] = [];
  return {
    client: new SimulatedSqs({ clock, queues }).connect(),
    run: (work) => {
      const number = queues.length;
      const visibilityMs = VISIBILITY_SECONDS * SECOND_MS;
      const dead = new SimulatedQueue(`dead-${number}`, { clock, visibilityMs });
      const redrive = { maxReceiveCount: MAX_RECEIVES, deadLetters: dead };
      const uploads = new SimulatedQueue(`uploads-${number}`, { clock, visibilityMs, ...redrive });
      queues.push(dead, uploads);
      return clock.run(work({ uploads: uploads.name, dead: dead.name }));
    },
    pass: (milliseconds) => clock.sleep(milliseconds),
    now: () => clock.now(),
    close: async () => undefined,
  };
}
