import { createHash } from 'node:crypto';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { DEFAULTS } from '../../../src/contract/defaults.ts';
import { digestTickInput, tickMessageAt } from '../../../src/contract/digest-tick.ts';
import { LIMITS } from '../../../src/contract/limits.ts';
import type { LedgerRecord } from '../../../src/ledger/record.ts';
import { pick } from '../../../src/shared/seeded-random.ts';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../../src/shared/time.ts';
import { Model } from './checks/model.ts';
import { Observations } from './observations.ts';
import { DEPLOYMENT, type Deployment, type DeploymentChange } from './plans/deployment.ts';
import { type Plan, STARTS_AT } from './plans/plan.ts';
import { EVENT_FAULTS, type Noise, type OutageKind, QUIET } from './plans/trouble.ts';
import { Publishing } from './publishing.ts';
import { SimulatedTable, type TableFault } from './services/dynamodb/simulated-dynamodb.ts';
import type { Invocation, InvocationFault } from './services/invocation.ts';
import type { BusFault } from './services/simulated-eventbridge.ts';
import { SimulatedFunction } from './services/simulated-lambda.ts';
import { type BucketFault, type S3Event, SimulatedBucket } from './services/simulated-s3.ts';
import { type EmailFault, SimulatedSes } from './services/simulated-ses.ts';
import { SimulatedQueue } from './services/simulated-sqs.ts';
import { SimulatedSqs, type SqsFault } from './services/sqs-client.ts';
import { VirtualClock } from './services/virtual-clock.ts';

/** Share of the notifications that take minutes instead of up to a second. */
const SLOW = 0.01;

/** Share of the refusals that last, and milliseconds for which the service then refuses everything, at most. */
const LASTING = 0.3;
const LASTS_MS = MINUTE_MS;

const ONLY_EVENTS: ReadonlySet<string> = new Set(Object.values(EVENT_FAULTS));

export type Handle = (world: World, event: SQSEvent, invocation: Invocation) => Promise<SQSBatchResponse>;

/** Simulated services on one clock and one source of chance, and what they see of the product's code. */
export class World {
  readonly options: Plan & { readonly noise: Noise };
  readonly clock: VirtualClock;
  readonly table: SimulatedTable;
  readonly uploads: SimulatedQueue;
  readonly deadLetters: SimulatedQueue;
  readonly sqs: SimulatedSqs;
  readonly ses: SimulatedSes;
  readonly bucket: SimulatedBucket;
  readonly consumer: SimulatedFunction;
  /** Where the settings ask for events. */
  readonly publishing: Publishing | undefined;
  readonly model: Model;
  readonly seen = new Observations();
  readonly keys: KnownKeys;
  /** Faults that struck, by their kind. */
  readonly faults = new Map<string, number>();
  deployment: Deployment;
  /** Names of the alert rules that a deployment took out of the settings. */
  readonly removedRules = new Set<string>();
  readonly #outages = new Set<OutageKind>();
  readonly #listeners: ((event: S3Event) => void)[] = [];
  readonly #trace = createHash('sha256');
  /** Until when a service refuses everything, by the kind of the fault. */
  readonly #refusesUntil = new Map<string, number>();
  #isCalm = false;
  #disturbedAt = Number.NEGATIVE_INFINITY;
  #spoilsNext = false;
  #older: ((event: S3Event) => LedgerRecord) | undefined;
  #second = 0;
  #callsOfSecond = 0;

  /** @param handle Runs the function's code for one batch. */
  constructor(plan: Plan, handle: Handle) {
    this.options = { ...plan, noise: { ...QUIET, ...plan.noise } };
    this.deployment = { ...DEPLOYMENT, ...plan.deployment };
    const clock = new VirtualClock(STARTS_AT, plan.seed);
    this.clock = clock;
    this.keys = new KnownKeys(clock.random);
    this.table = new SimulatedTable({
      clock,
      fault: (operation) => this.#tableFault(operation),
      latency: () => this.#tableLatency(),
      indexDelay: () => clock.random() * SECOND_MS,
      onChange: (change) => this.publishing?.take(change),
    });
    this.publishing = this.deployment.publishesEvents ? this.#createPublishing() : undefined;
    [this.uploads, this.deadLetters] = this.#createQueues();
    this.sqs = new SimulatedSqs({ clock, queues: [this.uploads, this.deadLetters], fault: () => this.#queueFault() });
    this.ses = new SimulatedSes({ clock, fault: () => this.#emailFault() });
    this.bucket = new SimulatedBucket({
      name: 'uploads-bucket',
      isVersioned: plan.isVersioned ?? false,
      clock,
      onEvent: (event, body) => this.#deliver(event, body),
    });
    this.model = new Model(this.bucket.name);
    this.consumer = this.#createConsumer(handle);
  }

  /** Adds a line to the trace: two runs with equal hashes did the same. */
  trace(...facts: readonly (string | number)[]): void {
    this.#trace.update(`${this.clock.now()} ${facts.join(' ')}\n`);
  }

  /** Of everything that was traced so far, hexadecimal. */
  traceHash(): string {
    return this.#trace.copy().digest('hex').slice(0, 16);
  }

  startOutage(kind: OutageKind): void {
    this.#outages.add(kind);
    this.trace('outage', kind);
  }

  endOutage(kind: OutageKind): void {
    this.#outages.delete(kind);
    if (kind !== 'events') this.#disturbedAt = this.clock.now();
    this.trace('outage over', kind);
  }

  /** From now on nothing small goes wrong any more: what is read to check the run is read as it is. */
  calm(): void {
    this.#isCalm = true;
  }

  /** The function's next invocation has the new settings. */
  deploy(change: DeploymentChange): void {
    const before = this.deployment;
    this.deployment = { ...before, ...change };
    for (const { name } of before.alerts) {
      if (this.deployment.alerts.every((rule) => rule.name !== name)) this.removedRules.add(name);
    }
    this.trace('deployed', JSON.stringify(change));
  }

  /** Whether nothing is on its way any more: no message waits, none is being handled. */
  get isDrained(): boolean {
    const unpublished = this.publishing?.mapping.waiting ?? 0;
    return this.uploads.size === 0 && this.consumer.running === 0 && unpublished === 0;
  }

  onEvent(listener: (event: S3Event) => void): void {
    this.#listeners.push(listener);
  }

  /** What happens to the bucket meanwhile has been recorded by an older version, and brings no notification any more. */
  readonly recordAsOlder = (toRecord: (event: S3Event) => LedgerRecord, act: () => void): void => {
    this.#older = toRecord;
    act();
    this.#older = undefined;
  };

  /** The next notification carries an event besides its own that nobody can read. */
  spoilNextNotification(): void {
    this.#spoilsNext = true;
  }

  /** What EventBridge Scheduler does when the digest is due. @param due Epoch milliseconds. */
  sendTick(due: number): void {
    const { minimumUploads } = this.deployment;
    this.seen.ticks.push({ due, sentAt: this.clock.now(), minimumUploads });
    this.uploads.send(tickMessageAt(digestTickInput('daily'), due));
  }

  countFault(kind: string): void {
    this.faults.set(kind, (this.faults.get(kind) ?? 0) + 1);
    if (!ONLY_EVENTS.has(kind)) this.#disturbedAt = this.clock.now();
    this.trace('fault', kind);
  }

  strikes(kind: string, share: number): boolean {
    if (this.#isCalm || share === 0 || this.clock.random() >= share) return false;
    this.countFault(kind);
    return true;
  }

  /** Whether a fault struck, or something was down, within so many milliseconds before now: anything but what delays events alone. */
  wasDisturbed(withinMs: number): boolean {
    const isDown = [...this.#outages].some((kind) => kind !== 'events');
    return isDown || this.clock.now() - this.#disturbedAt <= withinMs;
  }

  #createQueues(): [uploads: SimulatedQueue, deadLetters: SimulatedQueue] {
    const { clock } = this;
    const { retentionDays, deadLetterDays, visibilitySeconds, maxReceiveCount } = this.deployment;
    const retentionMs = retentionDays * DAY_MS;
    const deadLetters = new SimulatedQueue('dead', {
      clock,
      visibilityMs: 30 * SECOND_MS,
      retentionMs: deadLetterDays * DAY_MS,
    });
    const visibilityMs = visibilitySeconds * SECOND_MS;
    const { maxInFlight } = this.options.limits ?? {};
    const inFlight = maxInFlight === undefined ? {} : { maxInFlight };
    return [
      new SimulatedQueue('uploads', { clock, visibilityMs, retentionMs, maxReceiveCount, deadLetters, ...inFlight }),
      deadLetters,
    ];
  }

  #createPublishing(): Publishing {
    return new Publishing({
      clock: this.clock,
      deployment: this.deployment,
      busFault: () => this.#busFault(),
      invocationFault: () => this.#invocationFault(EVENT_FAULTS.killed),
      onCrash: (error) => this.seen.addCrash(error),
    });
  }

  #createConsumer(handle: Handle): SimulatedFunction {
    const { clock, uploads: queue } = this;
    const current = () => this.deployment;
    return new SimulatedFunction({
      clock,
      queue,
      // Read at each invocation: a deployment changes them.
      get batchSize() {
        return current().batchSize;
      },
      get batchWindowMs() {
        return current().batchWindowSeconds * SECOND_MS;
      },
      get timeoutMs() {
        return current().timeoutSeconds * SECOND_MS;
      },
      concurrency: this.deployment.concurrency,
      handle: (event, invocation) => handle(this, event, invocation),
      fault: () => this.#invocationFault('killed'),
    });
  }

  #tableFault(operation: string): TableFault | undefined {
    if (operation === 'BatchWriteItem' && this.#isOverCapacity()) return { kind: 'throttled' };
    if (this.#outages.has('table')) return { kind: 'refused' };
    if (this.#outages.has('permission')) return { kind: 'denied' };
    const { noise } = this.options;
    if (this.strikes('unprocessed', noise.unprocessed)) return { kind: 'unprocessed', share: 0.5 };
    if (this.#refuses('refused', noise.refused)) return { kind: 'refused' };
    if (this.strikes('throttled', noise.throttled)) return { kind: 'throttled' };
    if (this.strikes('stalled', noise.stalled)) return { kind: this.clock.random() < 0.5 ? 'stalled' : 'late' };
    if (this.strikes('answer lost', noise.answerLost)) return { kind: 'answer-lost' };
    return undefined;
  }

  /** A full call is counted for each: calls beyond what the table takes in a second are throttled as a whole. */
  #isOverCapacity(): boolean {
    const { tableWritesPerSecond: perSecond } = this.options.limits ?? {};
    if (perSecond === undefined) return false;
    const second = Math.floor(this.clock.now() / SECOND_MS);
    if (second !== this.#second) [this.#second, this.#callsOfSecond] = [second, 0];
    this.#callsOfSecond += 1;
    return this.#callsOfSecond * LIMITS.dynamodb.batchWriteItems > perSecond;
  }

  /** What happens to a look-up of metadata. */
  readonly bucketFault = (): BucketFault | undefined => {
    if (!this.strikes('look-up failed', this.options.noise.headFailed)) return undefined;
    return this.clock.random() < 0.5 ? 'refused' : 'stalled';
  };

  #tableLatency(): number {
    const { clock, options } = this;
    return this.strikes('slow', options.noise.slow) ? SECOND_MS * (0.5 + 2.4 * clock.random()) : 3 + clock.random() * 7;
  }

  /** Refuses a call, and now and then all that come within the next minute: more than one client's retries can cure. */
  #refuses(kind: string, share: number): boolean {
    if (this.#isCalm) return false;
    const now = this.clock.now();
    if (now < (this.#refusesUntil.get(kind) ?? 0)) {
      this.countFault(kind);
      return true;
    }
    if (!this.strikes(kind, share)) return false;
    if (this.clock.random() < LASTING) this.#refusesUntil.set(kind, now + this.clock.random() * LASTS_MS);
    return true;
  }

  #queueFault(): SqsFault | undefined {
    if (this.#refuses('queue refused', this.options.noise.queueRefused)) return 'refused';
    return this.strikes('queue answer lost', this.options.noise.queueAnswerLost) ? 'answer-lost' : undefined;
  }

  #emailFault(): EmailFault | undefined {
    if (this.#outages.has('email')) return 'unavailable';
    const { emailRefused, emailAnswerLost } = this.options.noise;
    if (this.strikes('email refused', emailRefused)) return this.clock.random() < 0.5 ? 'throttled' : 'unavailable';
    return this.strikes('email answer lost', emailAnswerLost) ? 'answer-lost' : undefined;
  }

  #busFault(): BusFault | undefined {
    const chance = () => this.clock.random();
    if (this.#outages.has('events')) return { kind: pick(chance, ['unavailable', 'throttled', 'stalled']) };
    const { eventsRefused, entriesRefused, eventsAnswerLost } = this.options.noise;
    if (this.#refuses(EVENT_FAULTS.refused, eventsRefused)) return { kind: pick(chance, ['unavailable', 'throttled']) };
    if (this.strikes(EVENT_FAULTS.entries, entriesRefused)) return { kind: 'entries', share: 0.5 };
    if (!this.strikes(EVENT_FAULTS.answerLost, eventsAnswerLost)) return undefined;
    return { kind: pick(chance, ['answer-lost', 'stalled', 'late']) };
  }

  /** @param killed What a kill is counted as. */
  #invocationFault(killed: string): InvocationFault | undefined {
    if (this.#outages.has('bundle')) return 'does-not-load';
    return this.strikes(killed, this.options.noise.kills) ? 'killed' : undefined;
  }

  /** S3 delivers most notifications within a second, some after minutes, in no order, now and then twice, and hardly ever not at all. */
  #deliver(event: S3Event, body: string): void {
    if (!isConfigured(event.eventName)) return;
    this.model.add(event);
    this.trace('event', event.eventName, event.version.key);
    for (const listener of this.#listeners) listener(event);
    if (this.#older !== undefined) {
      this.table.put(this.#older(event));
      this.model.addOlder(event);
      return;
    }
    if (this.strikes('notification lost', this.options.noise.lost)) {
      this.model.addLost(event);
      return;
    }
    const sent = this.#spoilsNext ? spoilt(body) : body;
    this.#spoilsNext = false;
    const copies = this.strikes('notification twice', this.options.noise.duplicates) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      const isSlow = this.clock.random() < SLOW;
      this.clock.after(this.clock.random() * (isSlow ? 5 * MINUTE_MS : SECOND_MS), () => {
        if (sent !== body) this.model.addPoison(sent, { sentAt: this.clock.now(), hasRecord: true });
        this.uploads.send(sent);
      });
    }
  }
}

/** Whether the stack's notification configuration asks for such events. */
function isConfigured(eventName: string): boolean {
  const group = `${eventName.slice(0, eventName.indexOf(':'))}:*`;
  return DEFAULTS.events.some((configured) => configured === eventName || configured === group);
}

/** The notification with a second event record that lacks everything. */
function spoilt(body: string): string {
  return `${body.slice(0, -2)},{"eventSource":"aws:s3","eventVersion":"2.1"}]}`;
}

/** Keys that objects have had, for whoever does something with an object that is there. */
class KnownKeys {
  readonly #random: () => number;
  readonly #keys: string[] = [];
  #made = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** A new key. Some of its characters are encoded in notifications. */
  make(folder: string, extension: string): string {
    this.#made += 1;
    const key = `${folder}/${this.#made} ü+%${extension}`;
    // Ten thousand are enough to choose from: the newest take the places of others.
    if (this.#keys.length < 10_000) this.#keys.push(key);
    else this.#keys[Math.floor(this.#random() * this.#keys.length)] = key;
    return key;
  }

  any(): string | undefined {
    return this.#keys[Math.floor(this.#random() * this.#keys.length)];
  }
}
