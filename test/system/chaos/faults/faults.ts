import type { Fault, Place } from './fault-kinds.ts';
import type { Schedule } from './schedule.ts';

/** Calls that an outage of a service lasts. */
const SHORT_OUTAGE = 20;
/**
 * The same of a long one, in which messages use up their receives, and have to be redriven. A service that is called seldom would be gone
 * for most of the run.
 */
const LONG_OUTAGE: Readonly<Partial<Record<Place, number>>> = { table: 250, queue: 60, mail: 30 };
/** Of the amount, above which an outage is a long one. */
const LONG = 0.7;

/**
 * Calls with a digest that SES refuses when everything else is calm again: a few tries of a tick. In trouble, a tick nearly always fails
 * at the table before it comes to its email.
 */
const DIGESTS_REFUSED = 6;

/** For runs that are to be short. */
export interface Bounds {
  /** Calls that an outage lasts at most. Default: what a run of 5,000 uploads takes to use up the receives of some. */
  readonly longestOutage?: number;
  /** Faults after which nothing goes wrong any more. Default: no bound. */
  readonly mostFaults?: number;
}

/** Deals out the faults of a schedule, and remembers which struck. */
export class Faults {
  /** In the order in which they struck. An outage stands for all of its calls. */
  readonly struck: Fault[] = [];
  /** Refused by an outage, each of them a fault of its own. */
  outageCalls = 0;
  /** Calls with a digest that were refused in the calm. */
  digestsRefused = 0;
  readonly #schedule: Schedule;
  readonly #longestOutage: number;
  readonly #mostFaults: number;
  readonly #counts = new Map<Place, number>();
  readonly #outageUntil = new Map<Place, number>();
  /** Whether nothing goes wrong any more. */
  isCalm = false;

  constructor(
    schedule: Schedule,
    { longestOutage = Number.POSITIVE_INFINITY, mostFaults = Number.POSITIVE_INFINITY }: Bounds = {},
  ) {
    this.#schedule = schedule;
    this.#longestOutage = longestOutage;
    this.#mostFaults = mostFaults;
  }

  /** What goes wrong now, if anything does. Call it once each time. */
  next(place: Place): Fault | undefined {
    if (this.isCalm) return undefined;
    const index = this.#counts.get(place) ?? 0;
    this.#counts.set(place, index + 1);
    if (index < (this.#outageUntil.get(place) ?? 0)) {
      this.outageCalls += 1;
      return { place, index, kind: 'failed', amount: 0 };
    }
    const fault = this.#schedule(place, index);
    if (fault === undefined) return undefined;
    this.struck.push(fault);
    if (this.struck.length >= this.#mostFaults) this.calm();
    if (fault.kind === 'outage') this.#outageUntil.set(place, index + this.#outageCalls(fault));
    return fault;
  }

  /** The same for a call of SES with a digest. */
  nextDigest(): Fault | undefined {
    if (!this.isCalm || this.digestsRefused === DIGESTS_REFUSED) return this.next('mail');
    this.digestsRefused += 1;
    return { place: 'mail', index: this.#counts.get('mail') ?? 0, kind: 'failed', amount: 0 };
  }

  #outageCalls({ place, amount }: Fault): number {
    const calls = amount > LONG ? (LONG_OUTAGE[place] ?? SHORT_OUTAGE) : SHORT_OUTAGE;
    return Math.min(calls, this.#longestOutage);
  }

  /** From now on nothing goes wrong. */
  calm(): void {
    this.isCalm = true;
  }
}
