import { UploadLedgerError } from '../../shared/errors.ts';
import type { ChangeFeed } from './change-feed.ts';
import type { EdgeRequest, EmulatorApp } from './edge.ts';
import type { ObjectChange } from './object-change.ts';
import type { LiveObject, ObjectIndex } from './object-index.ts';
import { objectPath } from './object-path.ts';
import { accessKeyIdOf, principalIdOf } from './principal.ts';
import type { S3Edge, Visit } from './s3-edge.ts';
import type { S3Operation } from './s3-operation.ts';

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
