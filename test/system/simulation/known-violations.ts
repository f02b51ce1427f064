import { HOUR_MS } from '../../../src/shared/time.ts';
import type { Violation } from './model.ts';
import type { SimulationOptions } from './simulate.ts';

/** A promise that the product does not keep yet, and a run that shows it. The list is to become empty. */
export interface KnownViolation {
  readonly what: string;
  readonly promise: Violation['promise'];
  readonly options: SimulationOptions;
}

export const KNOWN_VIOLATIONS: readonly KnownViolation[] = [
  {
    what: 'an outage of an hour fills the dead-letter queue',
    promise: 'nothing is dead but poison',
    options: {
      seed: 1,
      days: 1,
      perDay: 200,
      outages: [{ kind: 'table', at: 10 * HOUR_MS, milliseconds: HOUR_MS }],
    },
  },
];
