import type { PutEventsRequestEntry, PutEventsResultEntry } from '@aws-sdk/client-eventbridge';
import { LIMITS } from '../contract/limits.ts';
import type { ListedWebhook } from '../contract/outputs.ts';
import type { Clock } from '../shared/clock.ts';
import { createRateLimiter } from '../shared/concurrency.ts';
import type { DeadLetter } from './dead-letter.ts';
import { type DeliveredEvent, toDelivery } from './deliveries.ts';
import { deleteMessages } from './move.ts';
import type { QueueRef } from './queues.ts';
import { DeadLetterReceiver, type ReceiverOptions } from './receive.ts';
import { type RuleCalls, type RuleRefusal, WebhookRules } from './webhook-rules.ts';

/** What a redelivery did, or a dry run would do. */
export interface RedeliveryReport {
  /** Messages seen. */
  looked: number;
  /** Of another webhook than was asked for. They stay. */
  otherWebhook: number;
  /** Of no webhook of the stack, or no event. They stay. */
  unknown: number;
  /** Without the body of the format that their webhook has by now, so that its rule would not take them. They stay. */
  otherFormat: number;
  /** What the rules of webhooks would not take, by webhook. They stay. */
  notTaken: NotTaken[];
  /** To be put on the bus. */
  chosen: number;
  /** Put on the bus for their webhook. */
  sent: number;
  /** Of those: still in the queue as well, because the delete failed. */
  notDeleted: number;
  /** Not taken by EventBridge: they stay. */
  notSent: number;
  /** Why the first of those was not. */
  firstRefusal?: string;
  /** Sent in this run, and back in the queue. */
  cameBack: number;
  /** `came-back`: too many did, so that the rest was left alone. */
  end: 'empty' | 'limit' | 'stopped' | 'full' | 'came-back';
}

interface NotTaken {
  readonly webhook: string;
  readonly reason: RuleRefusal;
  count: number;
}

export type PutEntries = (entries: PutEventsRequestEntry[]) => Promise<readonly PutEventsResultEntry[]>;

export interface RedeliveryOptions extends ReceiverOptions, RuleCalls {
  readonly deliveries: QueueRef;
  readonly putEntries: PutEntries;
  /** Name or ARN. */
  readonly eventBus: string;
  readonly webhooks: readonly ListedWebhook[];
  /** Only those of this webhook. @default any */
  readonly webhook?: string;
  /** Only read and decide. */
  readonly dryRun: boolean;
  /** Events per second. @default no limit */
  readonly rate?: number;
  /** Events to send at most. @default no limit */
  readonly limit?: number;
  readonly clock: Pick<Clock, 'now' | 'monotonic' | 'sleep'>;
  /** Called after every message; the report is the same object each time. */
  readonly onProgress?: (report: Readonly<RedeliveryReport>) => void;
}

/** After so many that came back, a redelivery ends. */
const MAX_BACK = 10;

/**
 * Puts failed deliveries on the bus again, each marked for the webhook that missed it, so that no other webhook gets it.
 * EventBridge then tries as with any event. What the webhook's rule would not take stays: on the bus it would be lost. Each
 * is put, then deleted: after a kill in between it is delivered twice, with the same `id` in its detail.
 *
 * @throws the SDK's errors. What was sent by then is sent, and none is lost.
 */
export async function redeliver(options: RedeliveryOptions): Promise<RedeliveryReport> {
  const receiver = new DeadLetterReceiver(options.deliveries, options);
  try {
    return await new Redelivery(receiver, options).run();
  } finally {
    await receiver.close();
  }
}

function hasBody({ detail: { bodies } }: DeliveredEvent, format: string | undefined): boolean {
  return format === undefined || (typeof bodies === 'object' && bodies !== null && Object.hasOwn(bodies, format));
}

interface Chosen {
  readonly id: string;
  readonly entry: PutEventsRequestEntry;
  readonly bytes: number;
}

function toChosen(id: string, event: DeliveredEvent, EventBusName: string): Chosen {
  const { source: Source, type: DetailType, resources } = event;
  const Detail = JSON.stringify(event.detail);
  const Resources = [...resources];
  const bytes = Buffer.byteLength(Source + DetailType + Detail + Resources.join(''));
  return { id, entry: { EventBusName, Source, DetailType, Resources, Detail }, bytes };
}

function countNotTaken(counts: NotTaken[], webhook: string, reason: RuleRefusal): void {
  const same = counts.find((one) => one.webhook === webhook && one.reason === reason);
  if (same === undefined) counts.push({ webhook, reason, count: 1 });
  else same.count += 1;
}

class Redelivery {
  readonly #report: RedeliveryReport = {
    looked: 0,
    otherWebhook: 0,
    unknown: 0,
    otherFormat: 0,
    notTaken: [],
    chosen: 0,
    sent: 0,
    notDeleted: 0,
    notSent: 0,
    cameBack: 0,
    end: 'empty',
  };
  readonly #receiver: DeadLetterReceiver;
  readonly #options: RedeliveryOptions;
  readonly #limitRate: ReturnType<typeof createRateLimiter>;
  readonly #rules: WebhookRules;
  /** Ids that events of this run have on the bus. */
  readonly #sentIds = new Set<string>();
  #batch: Chosen[] = [];

  constructor(receiver: DeadLetterReceiver, options: RedeliveryOptions) {
    this.#receiver = receiver;
    this.#options = options;
    this.#limitRate = createRateLimiter({ perSecond: options.rate, clock: options.clock, signal: options.signal });
    this.#rules = new WebhookRules(options, options);
  }

  async run(): Promise<RedeliveryReport> {
    const { limit = Number.POSITIVE_INFINITY, signal, onProgress } = this.#options;
    const report = this.#report;
    for await (const deadLetter of this.#receiver.messages()) {
      const chosen = await this.#choose(deadLetter);
      if (chosen !== undefined) await this.#add(chosen);
      onProgress?.(report);
      if (report.chosen >= limit) report.end = 'limit';
      if (report.cameBack >= MAX_BACK) report.end = 'came-back';
      if (report.end !== 'empty') break;
    }
    if (signal?.aborted) report.end = 'stopped';
    else if (this.#receiver.isFull) report.end = 'full';
    if (report.end !== 'stopped' && report.end !== 'came-back') await this.#send();
    return report;
  }

  async #choose(deadLetter: DeadLetter): Promise<Chosen | undefined> {
    const report = this.#report;
    const { webhooks, webhook: wanted, eventBus } = this.#options;
    report.looked += 1;
    const { webhook: name, event } = toDelivery(deadLetter, webhooks);
    if (event !== undefined && this.#sentIds.has(event.id)) {
      report.cameBack += 1;
      return undefined;
    }
    if (wanted !== undefined && name !== wanted) {
      report.otherWebhook += 1;
      return undefined;
    }
    const webhook = webhooks.find((one) => one.name === name);
    if (webhook === undefined || event === undefined) {
      report.unknown += 1;
      return undefined;
    }
    if (!hasBody(event, webhook.format)) {
      report.otherFormat += 1;
      return undefined;
    }
    const marked = { ...event, detail: { ...event.detail, redeliver_to: webhook.name } };
    const refusal = await this.#rules.refusalOf(webhook.rule, marked);
    if (refusal !== undefined) {
      countNotTaken(report.notTaken, webhook.name, refusal);
      return undefined;
    }
    report.chosen += 1;
    return toChosen(deadLetter.id, marked, eventBus);
  }

  async #add(chosen: Chosen): Promise<void> {
    const { batchEntries, callBytes } = LIMITS.eventbridge;
    const bytes = this.#batch.reduce((sum, one) => sum + one.bytes, chosen.bytes);
    if (bytes > callBytes) await this.#send();
    this.#batch.push(chosen);
    if (this.#batch.length === batchEntries) await this.#send();
  }

  async #send(): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    if (this.#options.dryRun || batch.length === 0) return;
    await this.#limitRate(batch.length);
    await this.#receiver.held.renewDue();
    await this.#put(batch);
  }

  /** EventBridge refuses a whole call for one entry. Then each is put alone, so that it does not stop the others. */
  async #put(batch: readonly Chosen[]): Promise<void> {
    const { putEntries, deliveries } = this.#options;
    let results: readonly PutEventsResultEntry[];
    try {
      results = await putEntries(batch.map(({ entry }) => entry));
    } catch (error) {
      if (!(error instanceof Error && error.name === 'ValidationException')) throw error;
      if (batch.length > 1) {
        for (const one of batch) await this.#put([one]);
        return;
      }
      results = [{ ErrorMessage: error.message }];
    }
    const report = this.#report;
    const sent = batch.filter((_, index) => results[index]?.EventId !== undefined);
    for (const { EventId } of results) if (EventId !== undefined) this.#sentIds.add(EventId);
    report.sent += sent.length;
    report.notSent += batch.length - sent.length;
    const refusal = results.find(({ EventId }) => EventId === undefined);
    if (refusal !== undefined) report.firstRefusal ??= refusal.ErrorMessage ?? refusal.ErrorCode ?? 'no reason given';
    report.notDeleted += await deleteMessages(
      sent.map(({ id }) => id),
      deliveries,
      this.#receiver.held,
    );
  }
}
