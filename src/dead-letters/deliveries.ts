import type { ListedWebhook } from '../contract/outputs.ts';
import type { DeadLetter } from './dead-letter.ts';

/** An event that could not be delivered to a webhook. All texts in it are untrusted. */
export interface FailedDelivery {
  readonly deadLetter: DeadLetter;
  /** Absent: a webhook that the stack does not have any more, or something else than a delivery. */
  readonly webhook?: string;
  /** EventBridge's code of the error, such as `SDK_CLIENT_ERROR`. */
  readonly error: string;
  /** Absent: the body is no event. */
  readonly event?: DeliveredEvent;
}

/** The event as EventBridge had it. */
export interface DeliveredEvent {
  /** Of the event on the bus: each put has one of its own. */
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

/**
 * What a message of the deliveries queue is about.
 *
 * Source: EventBridge User Guide, "Using dead-letter queues to process undelivered events": the body is the event, the
 * attributes say why.
 */
export function toDelivery(deadLetter: DeadLetter, webhooks: readonly ListedWebhook[]): FailedDelivery {
  const text = (name: string) => deadLetter.attributes[name]?.StringValue ?? '';
  // arn:aws:events:<region>:<account>:rule/<bus>/<name>
  const rule = text('RULE_ARN').split('/').at(-1);
  const webhook = webhooks.find((one) => one.rule === rule)?.name;
  const event = toEvent(deadLetter.body);
  return {
    deadLetter,
    error: text('ERROR_CODE') || 'unknown',
    ...(webhook !== undefined && { webhook }),
    ...(event !== undefined && { event }),
  };
}

function toEvent(body: string): DeliveredEvent | undefined {
  const event = objectIn(body);
  const { id, source, 'detail-type': type, resources, detail } = event ?? {};
  if (typeof id !== 'string' || typeof source !== 'string' || typeof type !== 'string') return undefined;
  if (typeof detail !== 'object' || detail === null) return undefined;
  const named = Array.isArray(resources) ? resources.filter((one) => typeof one === 'string') : [];
  return { id, source, type, resources: named, detail: { ...detail } };
}

function objectIn(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** All failed deliveries of one webhook with one error. */
export interface DeliveryGroup {
  /** Absent: no webhook of the stack. */
  readonly webhook?: string;
  readonly error: string;
  count: number;
  /** When the oldest was put into the queue, ISO 8601 UTC. */
  oldest?: string;
  /** The oldest, or the first seen where no time is known. */
  example: DeadLetter;
}

/** Groups failed deliveries by webhook and error, the most frequent first. Memory does not grow with their number. */
export async function groupDeliveries(
  deadLetters: AsyncIterable<DeadLetter>,
  webhooks: readonly ListedWebhook[],
): Promise<readonly Readonly<DeliveryGroup>[]> {
  const groups = new Map<string, DeliveryGroup>();
  for await (const deadLetter of deadLetters) {
    const { webhook, error } = toDelivery(deadLetter, webhooks);
    const name = JSON.stringify([webhook, error]);
    const group = groups.get(name) ?? {
      error,
      count: 0,
      example: deadLetter,
      ...(webhook !== undefined && { webhook }),
    };
    groups.set(name, group);
    group.count += 1;
    const { sentAt } = deadLetter;
    if (sentAt !== undefined && (group.oldest === undefined || sentAt < group.oldest)) {
      group.oldest = sentAt;
      group.example = deadLetter;
    }
  }
  return [...groups.values()].sort((a, b) => b.count - a.count);
}
