import { type Random, seededRandom } from '../../shared/seeded-random.ts';

/** What is to go wrong with calls that read or write items. Shares are from 0 to 1. @default nothing */
export interface TableFaults {
  /**
   * Share of the puts of BatchWriteItem calls that come back in `UnprocessedItems`; the first put of a call never does, since DynamoDB
   * refuses a call as a whole when it can process nothing of it (API reference of BatchWriteItem): `throttle` does that.
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

/** What the server was asked and what went wrong since it started. */
export interface TableCounters {
  batchWriteCalls: number;
  /** Puts and deletes in those calls. */
  batchWriteItems: number;
  /** Puts that came back unprocessed. */
  unprocessed: number;
  throttled: number;
  failed: number;
  cut: number;
}

/** Draws faults: the same seed and the same calls give the same faults. */
export class FaultPlan {
  readonly latencyMs: number;
  readonly #faults: TableFaults;
  readonly #random: Random;

  constructor(faults: TableFaults = {}) {
    this.#faults = faults;
    this.#random = seededRandom(faults.seed ?? 1);
    this.latencyMs = faults.latencyMs ?? 0;
  }

  /** What becomes of a call before it is carried out. */
  drawRefusal(): 'throttle' | 'fail' | undefined {
    if (this.#draw(this.#faults.throttle)) return 'throttle';
    return this.#draw(this.#faults.fail) ? 'fail' : undefined;
  }

  drawUnprocessed(): boolean {
    return this.#draw(this.#faults.unprocessed);
  }

  drawCut(): boolean {
    return this.#draw(this.#faults.cutAfterWrite);
  }

  #draw(share = 0): boolean {
    return this.#random() < share;
  }
}

/** The part of a BatchWriteItem call that matters here. */
export interface BatchWrite {
  readonly RequestItems: Readonly<Record<string, readonly WriteRequest[]>>;
}

type WriteRequest = { readonly PutRequest?: unknown };

/** The call, or undefined for a body that is none: DynamoDB's own answer tells what is wrong with it. */
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

export function countRequests({ RequestItems }: BatchWrite): number {
  return Object.values(RequestItems).reduce((sum, requests) => sum + requests.length, 0);
}

/** Parts a call in two: what is to be carried out, and the puts that come back unprocessed. */
export function partBatchWrite(
  call: BatchWrite,
  comesBack: () => boolean,
): { readonly taken: BatchWrite; readonly unprocessed: BatchWrite } {
  const taken: Record<string, WriteRequest[]> = {};
  const unprocessed: Record<string, WriteRequest[]> = {};
  for (const [table, requests] of Object.entries(call.RequestItems)) {
    for (const request of requests) {
      const part = request?.PutRequest !== undefined && comesBack() ? unprocessed : taken;
      part[table] ??= [];
      part[table].push(request);
    }
  }
  return { taken: { ...call, RequestItems: taken }, unprocessed: { RequestItems: unprocessed } };
}
