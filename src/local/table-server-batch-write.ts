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
