import { seededRandom } from '../../shared/seeded-random.ts';

/** What is to go wrong with calls that read or write items. Shares are from 0 to 1. @default nothing */
export interface TableFaults {
  /**
   * Share of the puts of BatchWriteItem calls that come back in `UnprocessedItems`. The first put of a call never does:
   * when DynamoDB can process nothing of a call, it refuses the call (API reference of BatchWriteItem), as `throttle`
   * does.
   */
  readonly unprocessed?: number;
  /** Share of the calls that are refused as a whole with ProvisionedThroughputExceededException. */
  readonly throttle?: number;
  /** Share of the calls that are answered with an internal error. */
  readonly fail?: number;
  /** Share of the writing calls that are carried out and whose connection is then cut instead of answered. */
  readonly cutAfterWrite?: number;
  /** Milliseconds before each call is carried out. */
  readonly latencyMs?: number;
  /** @default 1 */
  readonly seed?: number;
}

/** A call that reads or writes items. */
interface TableCall {
  /** Such as `BatchWriteItem`. */
  readonly operation: string;
  readonly isWrite: boolean;
  /** The requests of a BatchWriteItem. */
  readonly requests: readonly WriteRequest[];
}

/** A put or a delete of a BatchWriteItem, or whatever else came in its place. */
type WriteRequest = { readonly PutRequest?: unknown } | null;

/** What goes wrong with one call. */
export interface CallFault {
  /** The answer, instead of carrying out the call. */
  readonly error?: { readonly status: number; readonly type: string };
  /** Positions of the requests of a BatchWriteItem that come back unprocessed. */
  readonly unprocessed?: readonly number[];
  /** The connection is cut after the call was carried out. */
  readonly isCut?: boolean;
  /** The call is neither carried out nor answered. */
  readonly isIgnored?: boolean;
}

/** Decides about one call. */
export type NextFault = (call: TableCall) => CallFault | undefined;

const THROTTLED = { status: 400, type: 'ProvisionedThroughputExceededException' } as const;
const FAILED = { status: 500, type: 'InternalServerError' } as const;

/** Draws faults: the same seed and the same calls give the same faults. */
export function drawFaults(faults: TableFaults): NextFault {
  const random = seededRandom(faults.seed ?? 1);
  const draw = (share = 0) => random() < share;
  return ({ isWrite, requests }) => {
    if (draw(faults.throttle)) return { error: THROTTLED };
    if (draw(faults.fail)) return { error: FAILED };
    const unprocessed = putPositions(requests)
      .slice(1)
      .filter(() => draw(faults.unprocessed));
    return { unprocessed, isCut: isWrite && draw(faults.cutAfterWrite) };
  };
}

/** Only puts can come back unprocessed here. */
export function putPositions(requests: readonly WriteRequest[]): readonly number[] {
  return requests.flatMap((request, position) => (request?.PutRequest === undefined ? [] : [position]));
}

/** The part of a BatchWriteItem call that matters here. */
interface BatchWrite {
  readonly RequestItems: Readonly<Record<string, readonly WriteRequest[]>>;
}

/** The call, or undefined for a body that is none: DynamoDB's own answer says what is wrong with it. */
export function parseBatchWrite(body: string): BatchWrite | undefined {
  try {
    const call = JSON.parse(body) as Partial<BatchWrite> | null;
    const tables: unknown[] = Object.values(call?.RequestItems ?? {});
    return tables.length > 0 && tables.every(Array.isArray) ? (call as BatchWrite) : undefined;
  } catch {
    // Not JSON.
    return undefined;
  }
}

/** Splits a call in two: what is to be carried out, and what comes back unprocessed. */
export function splitBatchWrite(
  call: BatchWrite,
  positions: readonly number[],
): Record<'taken' | 'unprocessed', BatchWrite> {
  const taken: Record<string, WriteRequest[]> = {};
  const unprocessed: Record<string, WriteRequest[]> = {};
  let position = 0;
  for (const [table, requests] of Object.entries(call.RequestItems)) {
    for (const request of requests) {
      const part = positions.includes(position++) ? unprocessed : taken;
      part[table] ??= [];
      part[table].push(request);
    }
  }
  return { taken: { ...call, RequestItems: taken }, unprocessed: { RequestItems: unprocessed } };
}
