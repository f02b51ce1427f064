import { setTimeout as sleep } from 'node:timers/promises';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { Watermark } from '../../../src/digest/window/watermark.ts';
import type { LocalStack } from '../../../src/local/stack.ts';
import { systemClock } from '../../../src/shared/clock.ts';

/** To whom digests go, and nothing else does. */
export const DIGEST_RECIPIENT = 'team@example.com';

/** Milliseconds between two ticks. */
const EVERY = 1_500;

/** Messages up to which the queue is read for what is no tick: to read thousands would keep a processor busy. */
const FEW = 50;

/** Ticks of one digest, sent into the uploads queue as EventBridge Scheduler does. */
export class DigestTicks {
  readonly digest: string;
  readonly #stack: LocalStack;
  readonly #stop = new AbortController();
  readonly #sending: Promise<void>;

  /** @param digest Its name: different in each run of a process, because the emulator keeps every email. */
  constructor(stack: LocalStack, digest: string) {
    this.#stack = stack;
    this.digest = digest;
    this.#sending = this.#sendOn();
  }

  /** Goes on ticking until the queue holds nothing else: digests are sent while everything still goes wrong. */
  async stop(): Promise<void> {
    while (await this.#isOthersWaiting()) await sleep(EVERY / 5);
    this.#stop.abort();
    await this.#sending;
  }

  /** A tick whose window ends now, for a stack that is at rest. */
  async sendLast(): Promise<void> {
    await this.#send({ until: new Date().toISOString() });
  }

  async #isOthersWaiting(): Promise<boolean> {
    const { servers, resources, queueUrl, notifier } = this.#stack;
    await notifier.flush();
    if ((await servers.services.countMessages(queueUrl)) > FEW) return true;
    const name = resources.queues.find(({ url }) => url === queueUrl)?.name ?? '';
    const contents = await servers.services.inspectQueue(name);
    const all = Object.values(contents ?? {}).flat();
    return all.some(({ body }) => !body.includes(this.digest));
  }

  /**
   * As if a digest had been sent just before. A first window would reach back a day: in trouble, its queries take more time than there
   * is, and no digest would be sent before the calm.
   */
  async #startWindow(): Promise<void> {
    const { clients, tableName } = this.#stack;
    const options = {
      client: clients.dynamodb,
      tableName,
      digestName: this.digest,
      owner: 'chaos',
      clock: systemClock,
      deadline: systemClock.now() + 30_000,
    };
    await new Watermark(options).readOrSet(new Date().toISOString());
  }

  async #sendOn(): Promise<void> {
    const { signal } = this.#stop;
    await this.#startWindow();
    while (!signal.aborted) {
      await this.#send({});
      // It rejects when the sending is to stop, and never for another reason.
      await sleep(EVERY, undefined, { signal }).catch(() => undefined);
    }
  }

  async #send(parts: { readonly until?: string }): Promise<void> {
    const { clients, queueUrl } = this.#stack;
    const digest = { name: this.digest };
    const tick = { uploadLedger: 'digest-tick', scheduledTime: new Date().toISOString(), ...parts, digest };
    await clients.sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(tick) }));
  }
}
