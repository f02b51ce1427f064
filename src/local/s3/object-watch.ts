import type { Clock } from '../../shared/clock.ts';
import { UploadLedgerError } from '../../shared/errors.ts';
import { SECOND_MS } from '../../shared/time.ts';
import type { S3Edge, S3Request } from './edge.ts';
import type { MultipartUploads } from './multipart.ts';
import type { ObjectChange } from './notification.ts';
import type { LiveObject, ObjectIndex } from './object-index.ts';
import { accessKeyIdOf, type EdgeRequest, type EmulatorApp, principalIdOf } from './request.ts';

/**
 * The path of an object for requests made in-process. `..` and slashes survive, because the whole key is encoded.
 *
 * @param key Neither `.` nor `..` alone: URLs cannot hold those, however encoded.
 */
export function objectPath(bucket: string, key: string): string {
  return `/${bucket}/${encodeURIComponent(key)}`;
}

export interface ObjectChangeSource {
  /**
   * Calls `changed` for every change from now on, in the order of the sequencers, while or after the write is answered.
   *
   * @param flush Awaited before the source closes: resolves when every change that `changed` saw has been sent on.
   * @returns Ends the calls.
   */
  onObjectChange(changed: (change: ObjectChange) => void, flush?: () => Promise<void>): () => void;
}

/**
 * Passes object changes to listeners in the order in which they were announced, however long each takes to describe.
 */
export class ChangeFeed implements ObjectChangeSource {
  readonly #listeners = new Set<{
    changed: (change: ObjectChange) => void;
    flush?: (() => Promise<void>) | undefined;
  }>();
  #tail: Promise<void> = Promise.resolve();
  #failure: unknown;

  onObjectChange(changed: (change: ObjectChange) => void, flush?: () => Promise<void>): () => void {
    const listener = { changed, flush };
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Adds a change, which is passed on when it and all before it are described. */
  announce(change: Promise<ObjectChange>): void {
    const before = this.#tail;
    this.#tail = Promise.all([change, before]).then(
      ([described]) => this.#publish(described),
      (reason: unknown) => {
        this.#failure ??= reason;
      },
    );
  }

  /** Resolves when every change announced so far has been passed on. */
  settled(): Promise<void> {
    return this.#tail;
  }

  /**
   * Resolves when the listeners have sent on every change announced so far.
   *
   * @throws UploadLedgerError `object-change-lost` when a change could not be described or a listener failed.
   */
  async flush(): Promise<void> {
    await this.settled();
    await Promise.all([...this.#listeners].map((listener) => listener.flush?.()));
    if (this.#failure === undefined) return;
    const message = 'An object changed, and not every listener could receive the change.';
    throw new UploadLedgerError('object-change-lost', message, { cause: this.#failure });
  }

  #publish(change: ObjectChange): void {
    for (const listener of this.#listeners) {
      try {
        listener.changed(change);
      } catch (reason) {
        this.#failure ??= reason;
      }
    }
  }
}

/** Count the changes of one millisecond. */
const COUNTER_BITS = 16n;

/**
 * Sequencers of S3's shape: 18 upper-case hexadecimal digits that only grow, also from one start of the stack to the
 * next, because they begin with the milliseconds since 1970.
 */
export function sequencerSource(now: () => number): () => string {
  let last = 0n;
  return () => {
    const earliest = BigInt(Math.floor(now())) << COUNTER_BITS;
    last = earliest > last ? earliest : last + 1n;
    return last.toString(16).toUpperCase().padStart(18, '0');
  };
}

/** What the watch works with. */
export interface ObjectWatch {
  readonly edge: S3Edge;
  readonly index: ObjectIndex;
  readonly uploads: MultipartUploads;
  /** Paths of objects to which a conditional write is under way. */
  readonly conditionalKeys: Set<string>;
  readonly feed: ChangeFeed;
  readonly nextSequencer: () => string;
  readonly clock: Clock;
}

/**
 * Announces every object that a request has put or deleted, and adds to answers what the emulator forgets.
 *
 * The emulator changes its store and begins its answer in one turn of the event loop, and a HEAD made in-process reads
 * the store before it returns. So it reads what this very request stored, whatever else is under way.
 */
export function installObjectWatch(app: EmulatorApp, watch: ObjectWatch): void {
  app.addHook('onSend', (request, reply, payload, done) => {
    const s3 = watch.edge.requestOf(request);
    if (s3 !== undefined) {
      const { statusCode: status } = reply;
      const answer = { status, eTag: String(reply.getHeader('etag') ?? ''), text: () => String(payload) };
      reply.headers(Object.assign({}, ...s3.onAnswer.map((change) => change(answer))));
      if (status < 400) observe(app, watch, request, s3);
    }
    done(null, payload);
  });
}

function observe(app: EmulatorApp, watch: ObjectWatch, { headers, ip }: EdgeRequest, s3: S3Request): void {
  if (s3.operation.kind !== 'write') return;
  const { bucket, key, change: kind } = s3.operation;
  const isDelete = kind === 'Delete';
  // Deleting what is not there succeeds, and changes nothing.
  if (isDelete && !watch.index.delete(bucket, key)) return;
  const at = new Date(watch.clock.now());
  const change: ObjectChange = {
    bucket,
    key,
    kind,
    eventTime: at.toISOString(),
    sequencer: watch.nextSequencer(),
    principalId: principalIdOf(accessKeyIdOf(headers, s3.parameters)),
    sourceIp: ip,
    requestId: s3.id,
  };
  const described = () => describe(app, change, watch.index.put(bucket, key, at, s3.settings));
  watch.feed.announce(isDelete ? Promise.resolve(change) : described());
}

/** Adds what the store holds to a change, and to the object's entry. Reads the store before it returns. */
async function describe(app: EmulatorApp, change: ObjectChange, object: LiveObject): Promise<ObjectChange> {
  const headers = await headObject(app, change.bucket, change.key);
  object.size = Number(headers['content-length']);
  object.eTag = String(headers.etag).replaceAll('"', '');
  const metadata = Object.entries(headers).filter(([name]) => name.startsWith('x-amz-meta-'));
  const userMetadata = Object.fromEntries(metadata.map(([name, value]) => [name.slice(11), String(value)]));
  const eventTime = inSecondOf(headers['last-modified'], change);
  return { ...change, eventTime, size: object.size, eTag: object.eTag, userMetadata };
}

/**
 * The change's time, moved back into the second of the object's `Last-Modified` when the write began in one second and
 * ended in the next: whoever looks the object up compares the two.
 */
function inSecondOf(lastModified: unknown, { eventTime, kind }: ObjectChange): string {
  const end = Date.parse(String(lastModified)) + SECOND_MS - 1;
  const time = Date.parse(eventTime);
  const isJustAfter = kind !== 'CompleteMultipartUpload' && time > end && time <= end + SECOND_MS;
  return isJustAfter ? new Date(end).toISOString() : eventTime;
}

function headObject(app: EmulatorApp, bucket: string, key: string): Promise<Record<string, unknown>> {
  const { promise, resolve, reject } = Promise.withResolvers<Record<string, unknown>>();
  // With a callback the request is dispatched now; without one, a tick later.
  app.inject({ method: 'HEAD', url: objectPath(bucket, key) }, (error, answer) => {
    if (error == null && answer?.statusCode === 200) {
      resolve(answer.headers);
      return;
    }
    const found = `got status ${answer?.statusCode ?? 'none'}.`;
    const message = `Expected to find the object just stored as ${JSON.stringify(key)} in ${bucket}, ${found}`;
    reject(new UploadLedgerError('object-unreadable', message, { cause: error }));
  });
  return promise;
}
