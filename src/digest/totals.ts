import type { Totals } from './batch-summary.ts';

export const NOTHING: Totals = { count: 0, bytes: 0 };

/** Exact up to 2^53 bytes, which is 9 petabytes. */
export function addTotals(a: Totals, b: Totals): Totals {
  return { count: a.count + b.count, bytes: a.bytes + b.bytes };
}

/** Adds to the group's line, which it opens when there is none. */
export function addToGroup<Name>(groups: Map<Name, Totals>, name: Name, totals: Totals): void {
  groups.set(name, addTotals(groups.get(name) ?? NOTHING, totals));
}
