import { UploadLedgerError } from '../../shared/errors.ts';
import type { S3Edge, Visit } from './edge.ts';
import type { LiveObject, ObjectIndex } from './object-index.ts';
import {
  accessKeyIdOf,
  type ChangeKind,
  type EdgeRequest,
  type EmulatorApp,
  principalIdOf,
  type S3Operation,
} from './request.ts';

/**
 * The path of an object for requests made in-process. `..` and slashes survive, because the whole key is encoded.
 *
 * @param key Neither `.` nor `..` alone: URLs cannot hold those, however encoded.
 */
export function objectPath(bucket: string, key: string): string {
  return `/${bucket}/${encodeURIComponent(key)}`;
}

/** One object that came, changed or went. */
export interface ObjectChange {
  readonly bucket: string;
  readonly key: string;
  readonly kind: ChangeKind;
  /** Bytes. Absent on deletes. */
  readonly size?: number;
  /** Without quotes. Absent on deletes. */
  readonly eTag?: string;
  /** ISO 8601, UTC, with milliseconds. */
  readonly eventTime: string;
  /** 18 upper-case hexadecimal digits, in the order of the changes. */
  readonly sequencer: string;
  /** As S3 writes it, such as `AWS:AROALOCALSTACKROLE000:alice`. */
  readonly principalId: string;
  readonly sourceIp: string;
  readonly requestId: string;
  /** By lower-case name without `x-amz-meta-`. Absent on deletes. */
  readonly userMetadata?: Readonly<Record<string, string>>;
}

/** Something that tells of object changes. */
export interface ObjectChangeSource {
  /**
   * Calls `changed` for every change from now on, in the order of the sequencers, after the write has been answered or
   * while it is.
   *
   * @param flush Awaited before the source closes: resolves when every change that `changed` saw has gone where it must.
   * @returns Ends the calls.
   */
  onObjectChange(changed: (change: ObjectChange) => void, flush?: () => Promise<void>): () => void;
}

interface Listener {
  readonly changed: (change: ObjectChange) => void;
  readonly flush?: () => Promise<void>;
}

/** Hands object changes to listeners, in the order in which they were announced, however long each takes to describe. */
export class ChangeFeed implements ObjectChangeSource {
  readonly #listeners = new Set<Listener>();
  #tail: Promise<void> = Promise.resolve();
  #failure: unknown;

  onObjectChange(changed: (change: ObjectChange) => void, flush?: () => Promise<void>): () => void {
    const listener: Listener = { changed, ...(flush && { flush }) };
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Takes a change at its place in the order; it is handed on when it and all before it are described. */
  announce(change: Promise<ObjectChange>): void {
    const before = this.#tail;
    this.#tail = Promise.all([change, before]).then(
      ([described]) => this.#handOn(described),
      (reason: unknown) => {
        this.#failure ??= reason;
      },
    );
  }

  /** Resolves when every change announced so far has been handed on. */
  settled(): Promise<void> {
    return this.#tail;
  }

  /**
   * Resolves when every change announced so far has gone where its listeners send it.
   *
   * @throws UploadLedgerError `object-change-lost` when a change could not be described or a listener failed.
   */
  async flush(): Promise<void> {
    await this.settled();
    await Promise.all([...this.#listeners].map((listener) => listener.flush?.()));
    if (this.#failure === undefined) return;
    throw new UploadLedgerError('object-change-lost', 'An object changed and not everybody could be told of it.', {
      cause: this.#failure,
    });
  }

  #handOn(change: ObjectChange): void {
    for (const listener of this.#listeners) {
      try {
        listener.changed(change);
      } catch (reason) {
        this.#failure ??= reason;
      }
    }
  }
}

/** Bits that count the changes of one millisecond. */
const COUNTER_BITS = 16n;

/**
 * Sequencers of S3's shape: 18 upper-case hexadecimal digits that only grow, from one start of the stack to the next as
 * well, because the milliseconds since 1970 stand in front.
 *
 * @param now Milliseconds since 1970.
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
  readonly feed: ChangeFeed;
  readonly nextSequencer: () => string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

type Write = Extract<S3Operation, { kind: 'write' }>;

/**
 * Announces every object that a request has put or deleted.
 *
 * The emulator changes its store and begins its answer without a pause between, and a HEAD made in-process reads the
 * store before it returns. So what is read here is what this very request stored, whatever else is under way.
 */
export function installObjectWatch(app: EmulatorApp, watch: ObjectWatch): void {
  app.addHook('onSend', (request, reply, payload, done) => {
    const visit = watch.edge.visitOf(request);
    if (visit?.operation.kind === 'write' && reply.statusCode < 400)
      observe(app, watch, request, visit, visit.operation);
    done(null, payload);
  });
}

function observe(app: EmulatorApp, watch: ObjectWatch, request: EdgeRequest, visit: Visit, write: Write): void {
  const { bucket, key } = write;
  const isDelete = write.change === 'Delete';
  // Deleting what is not there succeeds, and changes nothing.
  if (isDelete && !watch.index.delete(bucket, key)) return;
  const at = new Date(watch.now());
  const change: ObjectChange = {
    bucket,
    key,
    kind: write.change,
    eventTime: at.toISOString(),
    sequencer: watch.nextSequencer(),
    principalId: principalIdOf(accessKeyIdOf(request.headers, visit.parameters)),
    sourceIp: request.ip,
    requestId: visit.requestId,
  };
  const described = isDelete ? Promise.resolve(change) : describe(app, change, watch.index.put(bucket, key, at));
  watch.feed.announce(described);
}

/** Adds what the store holds to a change, and to the object's entry. Reads the store before it returns. */
async function describe(app: EmulatorApp, change: ObjectChange, object: LiveObject): Promise<ObjectChange> {
  const headers = await headObject(app, change.bucket, change.key);
  object.size = Number(headers['content-length']);
  object.eTag = String(headers.etag).replaceAll('"', '');
  const metadata = Object.entries(headers).filter(([name]) => name.startsWith('x-amz-meta-'));
  const userMetadata = Object.fromEntries(metadata.map(([name, value]) => [name.slice(11), String(value)]));
  return { ...change, size: object.size, eTag: object.eTag, userMetadata };
}

function headObject(app: EmulatorApp, bucket: string, key: string): Promise<Record<string, unknown>> {
  const { promise, resolve, reject } = Promise.withResolvers<Record<string, unknown>>();
  // With a callback the request is dispatched now; without one, a tick later.
  app.inject({ method: 'HEAD', url: objectPath(bucket, key) }, (error, answer) => {
    if (error == null && answer?.statusCode === 200) resolve(answer.headers);
    else
      reject(new UploadLedgerError('object-unreadable', unreadable(bucket, key, answer?.statusCode), { cause: error }));
  });
  return promise;
}

function unreadable(bucket: string, key: string, status: number | undefined): string {
  return `Expected to find the object just stored as ${JSON.stringify(key)} in ${bucket}, got status ${status ?? 'none'}.`;
}
