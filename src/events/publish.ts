import type { PutEventsResultEntry } from '@aws-sdk/client-eventbridge';
import { type BodyFormat, EVENT_SOURCE } from '../contract/events.ts';
import { LIMITS } from '../contract/limits.ts';
import type { Clock } from '../shared/clock.ts';
import { UploadLedgerError } from '../shared/errors.ts';
import { isTransient, retry } from '../shared/retry.ts';
import { eventBodies } from './bodies.ts';
import type { LedgerEvent } from './event.ts';

/** The bus that events are put on, and how they look there. */
export interface EventTarget {
  /** Name or ARN. */
  readonly eventBus: string;
  /** ARN of the ledger's table, by which rules tell the events of several ledgers on one bus apart. */
  readonly tableArn: string;
  /** Formats of the bodies that webhooks and the alert topic get. @default none: programs on the bus see no bodies */
  readonly formats?: readonly BodyFormat[];
}

/** An entry of a PutEvents call. */
export interface EventEntry {
  readonly EventBusName: string;
  readonly Source: string;
  readonly DetailType: string;
  readonly Resources: string[];
  readonly Detail: string;
}

export function toEntry(event: LedgerEvent, { eventBus, tableArn, formats = [] }: EventTarget): EventEntry {
  const { type, detail } = event;
  const shown = formats.length === 0 ? detail : { ...detail, bodies: eventBodies(event, formats) };
  return {
    EventBusName: eventBus,
    Source: EVENT_SOURCE,
    DetailType: type,
    Resources: [tableArn],
    Detail: JSON.stringify(shown),
  };
}

/**
 * One PutEvents call.
 *
 * @returns what became of each entry, in their order.
 * @throws whatever the call failed with.
 */
export type PutEvents = (
  entries: readonly EventEntry[],
  signal: AbortSignal,
) => Promise<readonly PutEventsResultEntry[]>;

interface PublishOptions {
  readonly putEvents: PutEvents;
  readonly clock: Clock;
  /** When the last call has to be over, by the clock's `now()`. */
  readonly deadline: number;
}

/** What became of a list of entries. */
interface Published {
  /** The first entry that is not on the bus, by its place in the list; undefined: all are. */
  readonly failedAt?: number;
  /** Why it is not. */
  readonly error?: unknown;
  /** Entries behind the failed one that are on the bus: they were in the same call. */
  readonly publishedBehind: readonly number[];
  /** Entries that EventBridge can never take: they are left out, because those behind them would wait for ever. */
  readonly refused: readonly RefusedEntry[];
}

interface RefusedEntry {
  /** Place in the list. */
  readonly at: number;
  readonly reason: string;
}

/**
 * Puts entries on the bus, in their order and with as few repetitions as possible: entries that failed are tried again
 * alone, until the deadline; behind one that could not be put, nothing more is sent.
 */
export async function publish(entries: readonly EventEntry[], options: PublishOptions): Promise<Published> {
  const placed = entries.map((entry, at) => ({ at, entry }));
  const refused = placed
    .filter(isTooLarge)
    .map(({ at, entry }) => ({ at, reason: `${sizeOf(entry)} bytes are too many` }));
  for (const call of toCalls(placed.filter((one) => !isTooLarge(one)))) {
    const failure = await publishCall(call, refused, options);
    if (failure !== undefined) return { ...failure, refused };
  }
  return { publishedBehind: [], refused };
}

/** An entry with its place in the list. */
interface PlacedEntry {
  readonly at: number;
  readonly entry: EventEntry;
}

const { batchEntries, callBytes } = LIMITS.eventbridge;

function isTooLarge({ entry }: PlacedEntry): boolean {
  return sizeOf(entry) > callBytes;
}

/** As many entries in each call as it takes. */
function toCalls(entries: readonly PlacedEntry[]): readonly PlacedEntry[][] {
  const calls: PlacedEntry[][] = [];
  let bytes = 0;
  for (const placed of entries) {
    const size = sizeOf(placed.entry);
    const call = calls.at(-1);
    if (call !== undefined && call.length < batchEntries && bytes + size <= callBytes) {
      call.push(placed);
      bytes += size;
    } else {
      calls.push([placed]);
      bytes = size;
    }
  }
  return calls;
}

/** As EventBridge counts it. Source: its User Guide, "Calculating PutEvents event entry size". */
export function sizeOf({ Source, DetailType, Resources, Detail }: EventEntry): number {
  return Buffer.byteLength(Source + DetailType + Resources.join('')) + Buffer.byteLength(Detail);
}

/** Code of an entry's failure that no retry cures. Source: EventBridge API reference, `PutEventsResultEntry`. */
const REFUSED = 'MalformedDetail';

async function publishCall(
  call: readonly PlacedEntry[],
  refused: RefusedEntry[],
  options: PublishOptions,
): Promise<Omit<Published, 'refused'> | undefined> {
  const { putEvents, clock, deadline } = options;
  let waiting = call;
  const attempt = async (signal: AbortSignal) => {
    const results = await putEvents(
      waiting.map(({ entry }) => entry),
      signal,
    );
    const failed: { placed: PlacedEntry; result: PutEventsResultEntry | undefined }[] = [];
    for (const [index, placed] of waiting.entries()) {
      const result = results[index];
      // An entry without a result in the answer has failed.
      if (result?.EventId !== undefined && result.ErrorCode === undefined) continue;
      if (result?.ErrorCode === REFUSED) refused.push({ at: placed.at, reason: reasonOf(result) });
      else failed.push({ placed, result });
    }
    waiting = failed.map(({ placed }) => placed);
    if (failed.length > 0) throw new EntriesNotPutError(failed.length, reasonOf(failed[0]?.result));
  };
  try {
    const isRetryable = (error: unknown) => error instanceof EntriesNotPutError || isTransient(error);
    await retry(attempt, { clock, deadline, isRetryable });
    return undefined;
  } catch (error) {
    const isDivided = isRefusal(error) && waiting.length > 1;
    const rest = isDivided ? await publishEach(waiting, refused, options) : { error, waiting };
    if (rest === undefined) return undefined;
    const notPut = new Set([...rest.waiting, ...refused].map(({ at }) => at));
    const failedAt = rest.waiting[0]?.at ?? 0;
    const published = call.map(({ at }) => at).filter((at) => !notPut.has(at));
    return { failedAt, error: rest.error, publishedBehind: published.filter((at) => at > failedAt) };
  }
}

/** Whether EventBridge refuses what is in the call, for which one entry is enough. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && error.name === 'ValidationException';
}

/**
 * A call for each entry of one that was refused as a whole. Those that are refused alone are left out when another is taken:
 * else it is not they that are at fault.
 *
 * @returns what is not on the bus, and why; undefined: all are, but for those that are left out.
 */
async function publishEach(
  entries: readonly PlacedEntry[],
  refused: RefusedEntry[],
  options: PublishOptions,
): Promise<{ readonly error: unknown; readonly waiting: readonly PlacedEntry[] } | undefined> {
  const alone: RefusedEntry[] = [];
  let error: unknown;
  let tried = 0;
  for (const placed of entries) {
    const failure = await publishCall([placed], refused, options);
    error = failure?.error ?? error;
    if (failure !== undefined && !isRefusal(failure.error)) break;
    tried += 1;
    if (failure !== undefined) alone.push({ at: placed.at, reason: String(failure.error) });
  }
  if (alone.length === tried) return { error, waiting: entries };
  refused.push(...alone);
  return tried === entries.length ? undefined : { error, waiting: entries.slice(tried) };
}

function reasonOf(result: PutEventsResultEntry | undefined): string {
  return `${result?.ErrorCode ?? 'no answer'}: ${result?.ErrorMessage ?? 'EventBridge said nothing about it'}`;
}

/** A call that EventBridge took, with entries that it did not. */
class EntriesNotPutError extends UploadLedgerError {
  override readonly name = 'EntriesNotPutError';

  constructor(count: number, reason: string) {
    super('entries-not-put', `EventBridge did not take ${count} of the entries, the first for ${reason}`);
  }
}
