import type { EventRecord } from '../notification/notification.ts';

/** What S3 says of an object as it is now. */
export interface ObjectHead {
  /** Value of the metadata `x-amz-meta-uploader`. Hostile: whoever uploads writes it. */
  readonly uploader?: string;
  /** Without quotes. */
  readonly eTag?: string;
  readonly versionId?: string;
}

/** Asks S3; rejects for whatever is no answer. */
export type HeadObject = (event: EventRecord, signal: AbortSignal) => Promise<ObjectHead>;

export interface MetadataLookupOptions {
  readonly head: HeadObject;
  /** Most calls under way at a time. */
  readonly concurrency: number;
  /** For all calls of the batch together; what is not answered by then counts as failed. */
  readonly milliseconds: number;
  /** Told once of all calls without an answer, with the first error. */
  readonly onFailed: (calls: number, first: unknown) => void;
}

/** Finds the uploader that an object's metadata names; undefined where they name none. Never rejects. */
export type MetadataLookup = (event: EventRecord) => Promise<string | undefined>;

interface Waiting {
  readonly event: EventRecord;
  readonly resolve: (uploader: string | undefined) => void;
}

/**
 * Looks uploaders of one batch up, one call an upload.
 *
 * All look-ups that begin together end together: their records are put together then, and share calls to DynamoDB. Time that S3 takes is
 * the batch's time, so that there is a bound on it, after which the batch goes on without.
 */
export function openMetadataLookup(options: MetadataLookupOptions): MetadataLookup {
  let waiting: Waiting[] = [];
  let outOfTime: AbortSignal | undefined;
  const start = () => {
    const together = waiting;
    waiting = [];
    // It takes whole milliseconds only, and throws where nobody would catch it.
    outOfTime ??= AbortSignal.timeout(Math.max(0, Math.floor(options.milliseconds)));
    void lookUp(together, outOfTime, options);
  };
  return (event) =>
    new Promise((resolve) => {
      // Stryker disable next-line ConditionalExpression: a second start of the same turn finds nobody waiting, and does nothing.
      if (waiting.length === 0) setImmediate(start);
      waiting.push({ event, resolve });
    });
}

async function lookUp(together: readonly Waiting[], outOfTime: AbortSignal, options: MetadataLookupOptions) {
  const found = new Map<Waiting, string | undefined>();
  const failures: unknown[] = [];
  const stopped = rejection(outOfTime);
  const left = together.values();
  const worker = async () => {
    for (const one of left) {
      try {
        outOfTime.throwIfAborted();
        const head = await Promise.race([options.head(one.event, outOfTime), stopped]);
        if (isOf(head, one.event)) found.set(one, head.uploader);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.concurrency, together.length) }, worker));
  for (const one of together) one.resolve(found.get(one));
  if (failures.length > 0) options.onFailed(failures.length, failures[0]);
}

/** Whether S3 speaks of what the event tells of: the object may have been replaced since, by somebody else. */
function isOf({ eTag, versionId }: ObjectHead, event: EventRecord): boolean {
  if (event.versionId !== undefined && versionId !== undefined) return event.versionId === versionId;
  return event.eTag === undefined || event.eTag === eTag;
}

/** Rejects when `signal` aborts. Never for one that has already: whoever waits asks it first. */
function rejection(signal: AbortSignal): Promise<never> {
  const rejected = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });
  // Nobody may be waiting for it when it comes.
  rejected.catch(() => undefined);
  return rejected;
}
