import type { S3Client } from '@aws-sdk/client-s3';
import type { EventRecord } from '../notification/event-record.ts';
import type { Clock } from '../shared/clock.ts';
import { limitConcurrency } from '../shared/concurrency.ts';
import { decodeEncodedWords, undoLatin1 } from '../shared/encoded-words.ts';
import { type KeyTemplate, uploaderInKey } from '../shared/key-template.ts';
import { SECOND_MS } from '../shared/time.ts';
import { statusOf as uploadStatusOf } from '../upload/upload.ts';
import type { UploaderInMetadata } from '../upload/uploader.ts';
import type { Telemetry } from './telemetry.ts';

/** Calls at a time: at 20 ms a call, a batch of 100 waits 80 ms. */
const CONCURRENCY = 32;

/** Of an invocation's time, what S3 may take: the rest is for the records. */
const SHARE = 1 / 4;

export interface UploaderLookupOptions {
  readonly client: () => Promise<S3Client>;
  /** Says which keys name their uploader, so that nothing has to be looked up. */
  readonly uploaderKeyTemplate?: KeyTemplate | undefined;
  readonly log: Telemetry['log'];
  readonly clock: Clock;
}

const UNCERTAIN: UploaderInMetadata = { isCertain: false };

/** Begins the look-ups of one invocation. They give undefined for events of which nothing is looked up. */
export type UploaderLookup = (invocation: {
  readonly remainingMilliseconds: () => number;
}) => (event: EventRecord) => ReturnType<MetadataLookup> | undefined;

/**
 * Finds uploaders in objects' metadata. Only stacks with `uploaderMetadata` load this part of the consumer.
 *
 * Nothing that goes wrong here fails a record: its uploader is found without.
 */
export function createUploaderLookup(options: UploaderLookupOptions): UploaderLookup {
  const { client, uploaderKeyTemplate, log, clock } = options;
  const isNamed = ({ key }: EventRecord) =>
    uploaderKeyTemplate !== undefined && uploaderInKey(uploaderKeyTemplate, key) !== undefined;
  return ({ remainingMilliseconds }) => {
    const lookUp = createMetadataLookup({
      head: async (event, signal) => head(await client(), event, signal),
      concurrency: CONCURRENCY,
      milliseconds: remainingMilliseconds() * SHARE,
      onFailed: (calls, first) => log('warn', 'Metadata not read', { calls, reason: reasonOf(first) }),
      clock,
    });
    return (event) => {
      if (uploadStatusOf(event.eventName) !== 'uploaded' || isNamed(event)) return undefined;
      return canBeProved(event) ? lookUp(event) : Promise.resolve(UNCERTAIN);
    };
  };
}

async function head(
  client: S3Client,
  { bucket, key }: EventRecord,
  abortSignal: AbortSignal,
): Promise<ObjectHead | undefined> {
  try {
    const { HeadObjectCommand } = await import('./s3-client.ts');
    const command = new HeadObjectCommand({ Bucket: bucket, Key: key });
    const { Metadata, ETag, VersionId, LastModified } = await client.send(command, { abortSignal });
    const uploader = Metadata?.uploader;
    return {
      ...(uploader !== undefined && { uploader: undoLatin1(decodeEncodedWords(uploader)) }),
      ...(LastModified !== undefined && { lastModified: LastModified.getTime() }),
      ...(ETag !== undefined && { eTag: ETag.replaceAll('"', '') }),
      ...(VersionId !== undefined && { versionId: VersionId }),
    };
  } catch (error) {
    // The object may be deleted by now.
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

function statusOf(error: unknown): number | undefined {
  return (error as { readonly $metadata?: { readonly httpStatusCode?: number } }).$metadata?.httpStatusCode;
}

/** S3 also answers 403 for an object that is gone, because the function may not list the bucket. */
function reasonOf(error: unknown): string {
  if (statusOf(error) === 403) return 'S3 answers 403: the function may not read it, or it is gone';
  return error instanceof Error ? `${error.name}: ${error.message.slice(0, 200)}` : String(error).slice(0, 200);
}

/** What S3 says about an object as it is now. */
export interface ObjectHead {
  /** Value of the metadata `x-amz-meta-uploader`, decoded. Untrusted: whoever uploads writes it. */
  readonly uploader?: string;
  /** Milliseconds since 1970, of which S3 tells the second. */
  readonly lastModified?: number;
  /** Without quotes. */
  readonly eTag?: string;
  readonly versionId?: string;
}

/** Asks S3. Undefined: there is no such object. Rejects for whatever is no answer. */
export type HeadObject = (event: EventRecord, signal: AbortSignal) => Promise<ObjectHead | undefined>;

export interface MetadataLookupOptions {
  readonly head: HeadObject;
  /** Calls in flight at a time. */
  readonly concurrency: number;
  /** For all calls of the batch together; what is not answered by then counts as failed. */
  readonly milliseconds: number;
  /** Called once for all calls without an answer, with the first error. */
  readonly onFailed: (calls: number, first: unknown) => void;
  readonly clock: Clock;
}

/** Finds the uploader that an object's metadata names. Never rejects. */
export type MetadataLookup = (event: EventRecord) => Promise<UploaderInMetadata>;

interface Waiting {
  readonly event: EventRecord;
  readonly resolve: (found: UploaderInMetadata) => void;
}

/**
 * Looks up the uploaders of one batch, with one call an upload.
 *
 * All look-ups that begin together end together, so that their records still share calls to DynamoDB. The time that S3
 * takes is the batch's time; when it is up, the batch goes on without the answers.
 */
export function createMetadataLookup(options: MetadataLookupOptions): MetadataLookup {
  let waiting: Waiting[] = [];
  let outOfTime: AbortSignal | undefined;
  const start = () => {
    const together = waiting;
    waiting = [];
    outOfTime ??= options.clock.timeout(options.milliseconds);
    void lookUp(together, outOfTime, options);
  };
  return (event) =>
    new Promise((resolve) => {
      if (waiting.length === 0) setImmediate(start);
      waiting.push({ event, resolve });
    });
}

async function lookUp(together: readonly Waiting[], outOfTime: AbortSignal, options: MetadataLookupOptions) {
  const found = new Map<Waiting, UploaderInMetadata>();
  const failures: unknown[] = [];
  const stopped = rejection(outOfTime);
  const limited = limitConcurrency(options.concurrency);
  const isAmbiguous = findAmbiguous(together.map(({ event }) => event));
  const ask = async (one: Waiting) => {
    if (isAmbiguous(one.event)) return;
    try {
      outOfTime.throwIfAborted();
      const answer = await Promise.race([options.head(one.event, outOfTime), stopped]);
      if (answer === undefined || !isAbout(answer, one.event)) return;
      found.set(one, { ...(answer.uploader !== undefined && { uploader: answer.uploader }), isCertain: true });
    } catch (error) {
      failures.push(error);
    }
  };
  await Promise.all(together.map((one) => limited(() => ask(one))));
  for (const one of together) one.resolve(found.get(one) ?? UNCERTAIN);
  if (failures.length > 0) options.onFailed(failures.length, failures[0]);
}

/** In a bucket whose versioning is suspended, every upload is the version "null". */
function tellsUploadsApart(versionId: string | undefined): versionId is string {
  return versionId !== undefined && versionId !== 'null';
}

/**
 * Whether any answer can prove that it is about the event's upload. Without a version not for a multipart upload, whose
 * `LastModified` is the time at which it was begun (S3 API reference, `HeadObject`): it can be long before the event.
 */
function canBeProved({ versionId, eTag }: EventRecord): boolean {
  return tellsUploadsApart(versionId) || (eTag !== undefined && !/-\d+$/.test(eTag));
}

/**
 * Whether S3's answer is about the event's upload: somebody else may have replaced the object since, with equal content
 * even, of which the eTag is equal, too. A version proves it; without one, that the object has not been written since
 * the second of the event.
 */
function isAbout({ eTag, versionId, lastModified }: ObjectHead, event: EventRecord): boolean {
  if (!canBeProved(event)) return false;
  if (tellsUploadsApart(event.versionId) || tellsUploadsApart(versionId)) return event.versionId === versionId;
  return (
    lastModified !== undefined &&
    event.eTag === eTag &&
    secondOf(lastModified) === secondOf(Date.parse(event.eventTime))
  );
}

/** Whether another of the events is an upload of the same object in the same second: no answer tells them apart. */
function findAmbiguous(events: readonly EventRecord[]): (event: EventRecord) => boolean {
  const uploads = new Map<string, Set<string>>();
  const placeOf = ({ bucket, key, eventTime }: EventRecord) => `${bucket}/${key} ${secondOf(Date.parse(eventTime))}`;
  for (const event of events) {
    const place = placeOf(event);
    uploads.set(place, (uploads.get(place) ?? new Set()).add(event.sequencer ?? event.eventTime));
  }
  return (event) => !tellsUploadsApart(event.versionId) && (uploads.get(placeOf(event))?.size ?? 0) > 1;
}

function secondOf(time: number): number {
  return Math.floor(time / SECOND_MS);
}

/** Rejects when `signal` is aborted later; never for one that is aborted already, which callers check first. */
function rejection(signal: AbortSignal): Promise<never> {
  const rejected = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });
  // Observed by the race in `lookUp`; this only prevents an unhandled rejection.
  rejected.catch(() => undefined);
  return rejected;
}
