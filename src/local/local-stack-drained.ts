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
  services: Pick<ServiceServer, 'inspectQueue'>,
  notifier: Pick<ObjectNotifier, 'flush'>,
): Promise<void> {
  const read = new Set(resources.eventSourceMappings.map(({ queueArn }) => queueArn));
  const names = resources.queues.filter(({ arn }) => read.has(arn)).map(({ name }) => name);
  for (;;) {
    await notifier.flush();
    const waiting = await Promise.all(names.map((name) => messagesIn(services, name)));
    if (waiting.every((count) => count === 0)) return;
    await pause(BETWEEN_LOOKS);
  }
}

async function messagesIn(services: Pick<ServiceServer, 'inspectQueue'>, name: string): Promise<number> {
  const contents = await services.inspectQueue(name);
  if (contents === undefined) return 0;
  return contents.ready.length + contents.delayed.length + contents.inFlight.length;
}
