import type { S3Client } from '@aws-sdk/client-s3';
import type { EventRecord } from '../notification/notification.ts';
import { type KeyTemplate, uploaderInKey } from '../shared/key-template.ts';
import type { Invocation } from './finish-with-email.ts';
import type { Telemetry } from './telemetry.ts';

/** Calls at a time: at 20 ms a call, a batch of 100 waits 80 ms. */
const CONCURRENCY = 32;

/** Of an invocation's time, what S3 may take: the rest is for the records. */
const SHARE = 1 / 4;

export interface UploaderLookupOptions {
  readonly client: () => Promise<S3Client>;
  /** Says which keys name their uploader, so that nothing is to be looked up. */
  readonly uploaderKeyTemplate?: KeyTemplate | undefined;
  readonly log: Telemetry['log'];
}

/** Opens the look-up of one invocation; undefined for events of which nothing is looked up. */
export type OpenUploaderLookup = (
  invocation: Pick<Invocation, 'remainingMilliseconds'>,
) => (event: EventRecord) => ReturnType<MetadataLookup> | undefined;

/**
 * Finds uploaders in objects' metadata. The part of the consumer that only stacks with `uploaderMetadata` load.
 *
 * Nothing that goes wrong here fails a record: its uploader is found without.
 */
export function openUploaderLookup({ client, uploaderKeyTemplate, log }: UploaderLookupOptions): OpenUploaderLookup {
  const isNamed = ({ key }: EventRecord) =>
    uploaderKeyTemplate !== undefined && uploaderInKey(uploaderKeyTemplate, key) !== undefined;
  return ({ remainingMilliseconds }) => {
    const lookUp = openMetadataLookup({
      head: async (event, signal) => head(await client(), event, signal),
      concurrency: CONCURRENCY,
      milliseconds: remainingMilliseconds() * SHARE,
      onFailed: (calls, first) => log('warn', 'Metadata not read', { calls, reason: reasonOf(first) }),
    });
    return (event) => (event.eventName.startsWith('ObjectCreated:') && !isNamed(event) ? lookUp(event) : undefined);
  };
}

async function head(client: S3Client, { bucket, key }: EventRecord, abortSignal: AbortSignal): Promise<ObjectHead> {
  try {
    const { HeadObjectCommand } = await import('./s3-client.ts');
    const command = new HeadObjectCommand({ Bucket: bucket, Key: key });
    const { Metadata, ETag, VersionId } = await client.send(command, { abortSignal });
    const uploader = Metadata?.uploader;
    return {
      ...(uploader !== undefined && { uploader }),
      ...(ETag !== undefined && { eTag: ETag.replaceAll('"', '') }),
      ...(VersionId !== undefined && { versionId: VersionId }),
    };
  } catch (error) {
    // It may be deleted by now.
    if (statusOf(error) === 404) return {};
    throw error;
  }
}

function statusOf(error: unknown): number | undefined {
  return (error as { readonly $metadata?: { readonly httpStatusCode?: number } }).$metadata?.httpStatusCode;
}

/** S3 answers 403 for an object that is gone as well, because the function may not list the bucket. */
function reasonOf(error: unknown): string {
  if (statusOf(error) === 403) return 'S3 answers 403: the function may not read it, or it is gone';
  return error instanceof Error ? `${error.name}: ${error.message.slice(0, 200)}` : String(error).slice(0, 200);
}

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
