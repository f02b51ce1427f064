import type { SQSEvent } from 'aws-lambda';
import type { InvocationMoment } from '../../../../src/local/lambda/execution-environment.ts';
import type { InvokableFunction } from '../../../../src/local/lambda/local-function.ts';
import type { InvocationOutcome } from '../../../../src/local/lambda/runtime-api.ts';
import { seededRandom } from '../../../../src/shared/seeded-random.ts';
import type { Deliveries } from '../deliveries.ts';
import type { Faults } from './faults.ts';

/** Longest time after the start of an invocation at which it is killed, in milliseconds. */
const LATEST_KILL = 600;

/** A function whose batches are shuffled, or given to a second batch at the same time. */
export class FaultyFunction implements InvokableFunction {
  readonly #fn: InvokableFunction;
  readonly #faults: Faults;
  readonly #deliveries: Deliveries;
  readonly #others = new Set<Promise<unknown>>();

  constructor(fn: InvokableFunction, faults: Faults, deliveries: Deliveries) {
    this.#fn = fn;
    this.#faults = faults;
    this.#deliveries = deliveries;
  }

  async invoke(payload: string): Promise<InvocationOutcome> {
    const fault = this.#faults.next('delivery');
    if (fault?.kind === 'shuffled-batch') return this.#deliver(shuffled(payload, fault.index), 'given, shuffled');
    if (fault?.kind === 'given-to-two-batches') {
      // SQS may deliver a message twice; what the other batch answers changes nothing, its receipts are stale.
      const other = this.#deliver(partOf(payload, fault.amount), 'given to a second batch');
      this.#others.add(other);
      void other.finally(() => this.#others.delete(other));
    }
    return this.#deliver(payload, 'given');
  }

  /** Resolves when no second batch is under way. */
  async idle(): Promise<void> {
    await Promise.all(this.#others);
  }

  async #deliver(payload: string, note: string): Promise<InvocationOutcome> {
    this.#deliveries.began(payload, note);
    const outcome = await this.#fn.invoke(payload);
    this.#deliveries.ended(payload, outcome);
    return outcome;
  }
}

/** Kills invocations at the moments that the schedule says. */
export function killerOf(faults: Faults) {
  const doomed = new Set<string>();
  return (moment: InvocationMoment, requestId: string, kill: () => void): void => {
    if (moment === 'answered') {
      if (doomed.delete(requestId)) kill();
      return;
    }
    const fault = faults.next('invocation');
    if (fault?.kind === 'killed-at-start') kill();
    else if (fault?.kind === 'killed-midway') setTimeout(kill, fault.amount * LATEST_KILL);
    else if (fault?.kind === 'killed-when-answered') doomed.add(requestId);
  };
}

function shuffled(payload: string, seed: number): string {
  const { Records } = JSON.parse(payload) as SQSEvent;
  const random = seededRandom(seed);
  const drawn = Records.map((record) => ({ record, place: random() })).sort((a, b) => a.place - b.place);
  return JSON.stringify({ Records: drawn.map(({ record }) => record) });
}

/** At least one message, at most all of them. */
function partOf(payload: string, share: number): string {
  const { Records } = JSON.parse(payload) as SQSEvent;
  return JSON.stringify({ Records: Records.slice(0, Math.ceil(Records.length * Math.max(share, 0.01))) });
}
