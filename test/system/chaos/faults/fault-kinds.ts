/**
 * Where a fault can strike: each call of the function to a service, each delivery of a batch, each invocation, and each batch when it is
 * over. The n-th time at a place always draws the same for the same seed.
 */
export type Place = 'table' | 'queue' | 'mail' | 'delivery' | 'invocation' | 'batch';

/** How often each kind strikes at its place: once in so many times. */
const KINDS = {
  table: {
    unprocessed: 7,
    throttled: 12,
    failed: 12,
    slow: 8,
    'cut-before-write': 25,
    'cut-after-write': 14,
    'never-answered': 200,
    'killed-at-answer': 120,
    'out-of-memory': 180,
    'timed-out': 180,
    outage: 400,
  },
  queue: { throttled: 8, failed: 8, slow: 8, 'cut-after-write': 8, 'killed-at-answer': 12, outage: 15 },
  mail: { throttled: 10, failed: 10, slow: 8, 'cut-after-write': 10, 'killed-at-answer': 12, outage: 16 },
  delivery: { 'given-to-two-batches': 12, 'shuffled-batch': 8 },
  invocation: { 'killed-at-start': 40, 'killed-midway': 40, 'killed-when-answered': 40 },
  batch: { 'event-source-restarted': 80, 'table-restarted': 60, 'queue-restarted': 60, 'stack-restarted': 90 },
} as const satisfies Record<Place, Record<string, number>>;

export type FaultKind = { [P in Place]: keyof (typeof KINDS)[P] }[Place];

export interface Fault {
  readonly place: Place;
  /** How many times came before at this place. */
  readonly index: number;
  readonly kind: FaultKind;
  /** How hard it strikes, in [0, 1): how long, or how many. */
  readonly amount: number;
}

export const PLACES = Object.keys(KINDS) as readonly Place[];

export function kindsAt(place: Place): readonly (readonly [kind: FaultKind, onceIn: number])[] {
  return Object.entries(KINDS[place]) as [FaultKind, number][];
}
