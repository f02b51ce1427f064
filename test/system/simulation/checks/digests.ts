import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../../src/shared/time.ts';
import type { SentDigest, SentTick } from '../observations.ts';
import { STARTS_AT } from '../plans/plan.ts';
import { lowerBound } from '../services/sorted-list.ts';
import type { World } from '../world.ts';
import { isUpload, timeOf } from './model.ts';
import type { Violation } from './violation.ts';

/** Summaries are kept for so long (docs/email.md): what is not told by then never will be. */
const KEPT_MS = 35 * DAY_MS;
/** The first digest of a name looks back so far. */
const FIRST_WINDOW_MS = DAY_MS;
/** A window ends the function's timeout and five seconds before its tick was due. */
const SETTLING_MS = 35 * SECOND_MS;
/** How long a tick whose email fails may come back before it is over: five receives at the queue's visibility timeout. */
const RETRIES_MS = 20 * MINUTE_MS;

/** A digest never undercounts; every recorded upload is told, in time; and twice only where an email may repeat. */
export function checkDigests(world: World): Violation[] {
  const { seen } = world;
  const digests = seen.digests.toSorted((a, b) => a.at - b.at);
  return [...checkSum(world, digests), ...checkWindows(world, digests), ...checkTimes(world, digests)];
}

/** Emails that begin at the same time tell the same window again: the last of them counts. */
function toldUploads(digests: readonly SentDigest[], before = Number.POSITIVE_INFINITY): number {
  const windows = new Map<string, number>();
  for (const { at, digest } of digests) if (at <= before) windows.set(digest.since, digest.summary.uploads.count);
  return [...windows.values()].reduce((sum, count) => sum + count, 0);
}

/** What comes back, by S3 or by the queue, may be counted again each time; anything else may not. */
function checkSum({ model, seen, consumer, faults }: World, digests: readonly SentDigest[]): Violation[] {
  const events = [...model.all()].filter((tracked) => isUpload(tracked.event) && tracked.storedAt !== undefined).length;
  const repeats = consumer.returns + (faults.get('notification twice') ?? 0);
  const told = toldUploads(digests);
  const max = events + repeats + seen.olderUploads;
  if (told <= max) return [];
  const what = `digests tell of ${told} uploads; expected at most ${max}, which counts what came back`;
  return [{ promise: 'digests tell nothing twice', what }];
}

/** Windows do not overlap; and an email repeats only after a crash, a lost answer, or a watermark that could not be moved. */
function checkWindows({ consumer, faults }: World, digests: readonly SentDigest[]): Violation[] {
  const bySince = Map.groupBy(digests, ({ digest }) => digest.since);
  const violations: Violation[] = [];
  const excuses =
    consumer.failures +
    ['email answer lost', 'refused', 'throttled', 'answer lost'].reduce(
      (sum, kind) => sum + (faults.get(kind) ?? 0),
      0,
    );
  const repeats = digests.length - bySince.size;
  if (repeats > excuses) {
    const what = `${repeats} digests were sent again; ${excuses} faults can be a reason`;
    violations.push({ promise: 'digests tell nothing twice', what });
  }
  const windows = [...bySince.values()].flatMap((emails) => emails.at(-1) ?? []);
  windows.sort((a, b) => (a.digest.since < b.digest.since ? -1 : 1));
  for (const [index, { digest }] of windows.entries()) {
    const before = windows[index - 1]?.digest;
    if (before === undefined || before.until <= digest.since) continue;
    const what = `the digest from ${digest.since} begins before the one up to ${before.until} has ended`;
    violations.push({ promise: 'digests tell nothing twice', what });
  }
  return violations;
}

/** At each tick whose predecessor met no outage, what that one had to tell has been told. */
function checkTimes(world: World, digests: readonly SentDigest[]): Violation[] {
  const ticks = world.seen.ticks.filter((tick) => !meetsOutage(world, tick));
  const first = Math.min(...world.seen.ticks.map(({ due }) => due)) - SETTLING_MS - FIRST_WINDOW_MS;
  const stored = world.seen.stored.filter(({ at }) => at > first).toSorted((a, b) => a.at - b.at);
  const recorded = runningSum(stored);
  for (const [index, tick] of ticks.entries()) {
    const next = ticks[index + 1];
    if (next === undefined) break;
    const checkAt = next.sentAt + RETRIES_MS;
    const due = recorded(tick.due - SETTLING_MS);
    const isWorthIt = due - toldUploads(digests, tick.sentAt) >= tick.minimumUploads;
    const expected = Math.max(isWorthIt ? due : 0, recorded(checkAt - KEPT_MS));
    const told = toldUploads(digests, checkAt);
    if (told >= expected) continue;
    const what = `by ${timeOf(checkAt)} digests told of ${told} uploads; expected ${expected}`;
    return [{ promise: 'digests tell everything', what, ...(!isWorthIt && { because: 'minimum-uploads' }) }];
  }
  return [];
}

/** How many uploads of a list in the order of time were stored up to a moment. */
function runningSum(stored: World['seen']['stored']): (until: number) => number {
  let sum = 0;
  const sums = stored.map(({ uploads }) => {
    sum += uploads;
    return sum;
  });
  return (until) => sums[lowerBound(stored, ({ at }) => at <= until) - 1] ?? 0;
}

/** Whether something was down while the tick was tried, or the backlog of an outage was before it. No tick waits for EventBridge. */
function meetsOutage({ options: { outages = [] } }: World, { sentAt }: SentTick): boolean {
  return outages.some(({ kind, atHours, hours }) => {
    if (kind === 'events') return false;
    const startsAt = STARTS_AT + atHours * HOUR_MS;
    return sentAt > startsAt - RETRIES_MS && sentAt < startsAt + (hours + 1) * HOUR_MS;
  });
}
