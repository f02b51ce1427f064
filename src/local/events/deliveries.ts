import { type Clock, systemClock } from '../../shared/clock.ts';
import { createRateLimiter, limitConcurrency, sleepUnlessAborted } from '../../shared/concurrency.ts';
import { toError, UploadLedgerError } from '../../shared/errors.ts';
import { SECOND_MS } from '../../shared/time.ts';
import { escapeAstral, type QueueMessage } from '../servers/queue-access.ts';
import {
  type ApiDestinationResource,
  isTopicArn,
  type LocalResources,
  type RuleTarget,
} from '../template/resources.ts';
import { callDestination, isOnThisMachine, type RequestOutcome } from './api-destination.ts';
import type { BusEvent } from './bus-event.ts';
import { matchesEventPattern } from './event-pattern.ts';

/** Requests to one endpoint at the same time. */
const MAX_OPEN_REQUESTS = 100;

/** EventBridge does not say how long it waits, only that the delays grow. */
const FIRST_DELAY_MS = SECOND_MS;
const MAX_DELAY_MS = 60 * SECOND_MS;

export interface DeliveriesOptions {
  readonly resources: Pick<LocalResources, 'eventRules' | 'apiDestinations' | 'connections' | 'queues'>;
  readonly sendMessages: (queueUrl: string, messages: readonly QueueMessage[]) => Promise<void>;
  /** URLs of this machine by the URLs of the template that they stand for. @default none */
  readonly receivers?: Readonly<Record<string, string>> | undefined;
  /** Called after each request to an endpoint. */
  readonly onDelivery?: ((report: DeliveryReport) => void) | undefined;
  /** Called when a queue takes no message, and once for each endpoint that is not on this machine. */
  readonly onError?: ((error: Error) => void) | undefined;
  /** @default systemClock */
  readonly clock?: Clock;
}

/** One request to an endpoint. */
export interface DeliveryReport {
  readonly event: BusEvent;
  readonly url: string;
  readonly outcome: RequestOutcome;
  /** 1 or more. */
  readonly attempt: number;
  /** Milliseconds until the next one. Absent: there is none. */
  readonly nextAfterMs?: number;
}

/** An event on its way to one target of a rule. */
interface Delivery {
  readonly event: BusEvent;
  /** Epoch milliseconds at which the bus took it. */
  readonly takenAt: number;
  readonly ruleArn: string;
  readonly target: RuleTarget;
}

/** An endpoint with what limits its requests. */
interface Endpoint {
  readonly destination: ApiDestinationResource;
  /** Undefined: it is not on this machine. */
  readonly url: string | undefined;
  /** Makes one request as soon as the endpoint may have it. Undefined: it was not made, or was cut, as all is being closed. */
  readonly call: (input: unknown) => Promise<RequestOutcome | undefined>;
}

type Failure = Extract<RequestOutcome, { readonly isDelivered: false }>;
type Exhausted = 'MaximumRetryAttempts' | 'MaximumEventAgeInSeconds';

/**
 * Takes the events of all buses and delivers them as their rules say, to queues and to endpoints of this machine: no event
 * leaves it.
 *
 * Source: EventBridge User Guide, "Retry policy and using dead-letter queues".
 */
export class Deliveries {
  readonly #options: DeliveriesOptions;
  readonly #clock: Clock;
  readonly #endpoints: ReadonlyMap<string, Endpoint>;
  readonly #running = new Set<Promise<void>>();
  readonly #toldElsewhere = new Set<string>();
  readonly #closing = new AbortController();

  constructor(options: DeliveriesOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    const { apiDestinations } = options.resources;
    this.#endpoints = new Map(apiDestinations.map((destination) => [destination.arn, this.#toEndpoint(destination)]));
  }

  /** Starts the deliveries of one event. */
  take(bus: string, event: BusEvent): void {
    const rules = this.#options.resources.eventRules.filter((rule) => rule.enabled && rule.bus === bus);
    for (const { arn: ruleArn, targets } of rules.filter(({ pattern }) => matchesEventPattern(pattern, event))) {
      for (const target of targets) {
        const running = this.#deliver({ event, takenAt: this.#clock.now(), ruleArn, target }).catch((error) =>
          this.#options.onError?.(toError(error)),
        );
        const ended = running.finally(() => this.#running.delete(ended));
        this.#running.add(ended);
      }
    }
  }

  /** Settles when every event so far has been delivered, or is a dead letter. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** Ends all requests and retries: what has not been delivered yet is lost. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.settled();
  }

  #toEndpoint(destination: ApiDestinationResource): Endpoint {
    const { receivers = {}, resources } = this.#options;
    const url = receivers[destination.url] ?? destination.url;
    const connection = resources.connections.find(({ arn }) => arn === destination.connectionArn);
    // The template reader has checked that it is declared.
    if (connection === undefined) throw new TypeError(`${destination.logicalId} has no connection.`);
    const clock = this.#clock;
    const limited = limitConcurrency(MAX_OPEN_REQUESTS);
    const { signal } = this.#closing;
    const pace = createRateLimiter({ perSecond: destination.ratePerSecond, clock, signal });
    return {
      destination,
      url: isOnThisMachine(url) ? url : undefined,
      call: (input) =>
        limited(async () => {
          await pace(1);
          if (signal.aborted) return undefined;
          const outcome = await callDestination({ destination, connection, url, input, signal, clock });
          return outcome.isDelivered || !this.#closing.signal.aborted ? outcome : undefined;
        }),
    };
  }

  async #deliver(delivery: Delivery): Promise<void> {
    const { event, target } = delivery;
    const input = target.inputPath.reduce<unknown>((value, field) => Object(value)[field], event);
    const endpoint = this.#endpoints.get(target.arn);
    if (isTopicArn(target.arn)) return this.#tellElsewhere(`the topic ${target.arn}`);
    if (endpoint === undefined) return this.#send(target.arn, { body: escapeAstral(JSON.stringify(input ?? null)) });
    if (endpoint.url === undefined) return this.#tellElsewhere(new URL(endpoint.destination.url).origin);
    for (let attempt = 1; !this.#closing.signal.aborted; attempt += 1) {
      const outcome = await endpoint.call(input);
      if (outcome === undefined) return;
      const next = outcome.isDelivered ? undefined : this.#nextTry(delivery, outcome, attempt);
      const nextAfterMs = typeof next === 'number' ? next : undefined;
      const report = { event, url: endpoint.url, outcome, attempt };
      this.#options.onDelivery?.({ ...report, ...(nextAfterMs !== undefined && { nextAfterMs }) });
      if (outcome.isDelivered) return;
      if (typeof next !== 'number') return this.#giveUp(delivery, outcome, attempt, next);
      await sleepUnlessAborted(next, this.#clock, this.#closing.signal);
    }
  }

  /** Milliseconds until the next try; else the limit that was reached, or undefined when no try could succeed. */
  #nextTry({ target, takenAt }: Delivery, outcome: Failure, attempt: number): number | Exhausted | undefined {
    const { isRetryable, retryAfterMs = 0 } = outcome;
    if (!isRetryable || retryAfterMs < 0) return undefined;
    if (attempt > target.maximumRetryAttempts) return 'MaximumRetryAttempts';
    const delay = Math.max(retryAfterMs, retryDelay(attempt, this.#clock));
    const age = this.#clock.now() + delay - takenAt;
    return age > target.maximumEventAgeSeconds * SECOND_MS ? 'MaximumEventAgeInSeconds' : delay;
  }

  async #giveUp({ event, ruleArn, target }: Delivery, outcome: Failure, attempts: number, exhausted?: Exhausted) {
    if (target.deadLetterQueueArn === undefined) return;
    // Source: EventBridge User Guide, "Using dead-letter queues to process undelivered events".
    const attributes = {
      RULE_ARN: ruleArn,
      TARGET_ARN: target.arn,
      ERROR_CODE: outcome.code,
      ERROR_MESSAGE: outcome.message,
      RETRY_ATTEMPTS: String(attempts - 1),
      ...(exhausted !== undefined && { EXHAUSTED_RETRY_CONDITION: exhausted }),
    };
    await this.#send(target.deadLetterQueueArn, { body: escapeAstral(JSON.stringify(event)), attributes });
  }

  async #send(queueArn: string, message: QueueMessage): Promise<void> {
    // The template reader has checked that the queue is declared.
    const url = this.#options.resources.queues.find(({ arn }) => arn === queueArn)?.url ?? '';
    await this.#options.sendMessages(url, [message]);
  }

  #tellElsewhere(receiver: string): void {
    if (this.#toldElsewhere.has(receiver)) return;
    this.#toldElsewhere.add(receiver);
    const message = `Events for ${receiver} are not sent: the local stack delivers on this machine only.`;
    this.#options.onError?.(new UploadLedgerError('receiver-elsewhere', message));
  }
}

/** Between half and all of a bound that doubles with each failure. */
function retryDelay(failures: number, clock: Pick<Clock, 'random'>): number {
  const bound = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (failures - 1));
  return (bound * (1 + clock.random())) / 2;
}
