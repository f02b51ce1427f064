import { setTimeout as pause } from 'node:timers/promises';
import type { ObjectNotifier } from './object-notifier.ts';
import type { ServiceServer } from './service-server.ts';
import type { LocalResources } from './template-resources.ts';

/** Milliseconds between two looks at the queues. */
const BETWEEN_LOOKS = 100;

/**
 * Resolves when every notification has been sent and no queue that a function reads holds a message, visible or not: a batch
 * that is over has deleted its messages or left them in the queue.
 */
export async function whenDrained(
  resources: LocalResources,
  services: Pick<ServiceServer, 'countMessages'>,
  notifier: Pick<ObjectNotifier, 'flush'>,
): Promise<void> {
  const read = new Set(resources.eventSourceMappings.map(({ queueArn }) => queueArn));
  const urls = resources.queues.filter(({ arn }) => read.has(arn)).map(({ url }) => url);
  for (;;) {
    await notifier.flush();
    const waiting = await Promise.all(urls.map((url) => services.countMessages(url)));
    if (waiting.every((count) => count === 0)) return;
    await pause(BETWEEN_LOOKS);
  }
}
