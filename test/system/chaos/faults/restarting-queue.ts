import { ChangeMessageVisibilityCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { LocalStack } from '../../../../src/local/stack.ts';

/** What the emulator tells of one queue, receipts and all. */
interface Inspected {
  readonly messages: { readonly inflight: readonly { readonly receiptHandle: string }[] };
}

/**
 * The way to SQS of those who read and write the queue, which can go down in the middle of everything.
 *
 * After it has come back no receipt from before is good: whatever was being worked on is received again, at once, while it is still being
 * worked on. Messages are kept, as SQS keeps them; so is what S3 sends meanwhile.
 */
export class RestartingQueue {
  readonly #stack: LocalStack;
  readonly #calls = new Set<Promise<unknown>>();
  #restarting: Promise<void> = Promise.resolve();
  #isDown = false;

  constructor(stack: LocalStack) {
    this.#stack = stack;
  }

  /** Lets a call through. @throws Error while the queue is down. */
  async call<T>(send: (endpoint: string) => Promise<T>): Promise<T> {
    if (this.#isDown) throw new Error('The queue is down.');
    const call = send(this.#stack.servers.endpoints.services);
    this.#calls.add(call);
    return call.finally(() => this.#calls.delete(call));
  }

  /** @param cut Breaks every connection to the queue. */
  restart(cut: () => void): Promise<void> {
    this.#restarting = this.#restarting.then(async () => {
      this.#isDown = true;
      cut();
      // A poll that was cut off may still be given messages: they must be in flight before all that is in flight is let go.
      await Promise.allSettled(this.#calls);
      await this.#forgetReceipts();
      this.#isDown = false;
    });
    return this.#restarting;
  }

  async #forgetReceipts(): Promise<void> {
    const { servers, clients, resources, queueUrl } = this.#stack;
    const name = resources.queues.find(({ url }) => url === queueUrl)?.name ?? '';
    const answer = await fetch(`${servers.endpoints.services}/_fauxqs/queues/${encodeURIComponent(name)}`);
    const { messages } = (await answer.json()) as Inspected;
    await Promise.all(messages.inflight.map(({ receiptHandle }) => letGo(clients.sqs, queueUrl, receiptHandle)));
  }
}

async function letGo(sqs: SQSClient, QueueUrl: string, ReceiptHandle: string): Promise<void> {
  await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
}
