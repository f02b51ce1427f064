import { type EdgeRequest, type EmulatorApp, headerOf, queryOf } from './edge.ts';
import { InFlight } from './in-flight.ts';
import { hoistedMetadata, presignedRefusal } from './presigned.ts';
import { type S3Operation, s3OperationOf } from './s3-operation.ts';
import { refusalXml, type S3Refusal } from './s3-refusal.ts';

/** Where a request stands between the edge's hooks. */
export interface Visit {
  operation: S3Operation;
  /** The query's, or those of an upload form. */
  parameters: Readonly<Record<string, string>>;
  readonly requestId: string;
  /** The content type, set aside while the body is read. */
  readonly contentType: string | undefined;
}

/** S3's answer to writes while the server closes. */
const CLOSING: S3Refusal = {
  status: 503,
  code: 'ServiceUnavailable',
  message: 'The local stack is closing. Try again when it is up.',
};

/** Takes each S3 request apart before its body is read, and refuses what the emulator would get wrong. */
export class S3Edge {
  readonly #visits = new WeakMap<object, Visit>();
  readonly #now: () => number;
  readonly #nextRequestId: () => string;
  /** Writes that have begun and are not answered. */
  readonly writes = new InFlight();
  /** Set when no further write may begin. */
  isClosing = false;

  constructor(now: () => number, nextRequestId: () => string) {
    this.#now = now;
    this.#nextRequestId = nextRequestId;
  }

  /** What is known of a request; undefined when it is not for S3. */
  visitOf(request: EdgeRequest): Visit | undefined {
    return this.#visits.get(request.raw);
  }

  /** Takes a request in; the refusal, if it must not go further. */
  enter(request: EdgeRequest): { visit: Visit; refusal?: S3Refusal } | undefined {
    const { bucket, '*': key = '' } = (request.params ?? {}) as { bucket?: string; '*'?: string };
    if (bucket === undefined) return undefined;
    const query = queryOf(request);
    const operation = s3OperationOf({ method: request.method, bucket, key, query, headers: request.headers });
    const contentType = headerOf(request.headers, 'content-type');
    const visit: Visit = { operation, parameters: query, requestId: this.#nextRequestId(), contentType };
    this.#visits.set(request.raw, visit);
    const refusal = this.#refusalOf(visit);
    if (refusal !== undefined) return { visit, refusal };
    prepareHeaders(request, query);
    return { visit };
  }

  #refusalOf({ operation, parameters }: Visit): S3Refusal | undefined {
    if (operation.kind === 'refused') return operation.refusal;
    return isWrite(operation) && this.isClosing ? CLOSING : presignedRefusal(parameters, this.#now());
  }
}

function isWrite({ kind }: S3Operation): boolean {
  return kind === 'write' || kind === 'post-form' || kind === 'delete-objects';
}

/**
 * Brings the headers into the form that the emulator handles: metadata out of a presigned URL's query, and one content
 * type for every body. S3 stores whatever comes, while the emulator parses forms and JSON and refuses malformed types.
 */
function prepareHeaders(request: EdgeRequest, query: Readonly<Record<string, string>>): void {
  Object.assign(request.headers, hoistedMetadata(query));
  request.headers['content-type'] = 'application/octet-stream';
  const encoding = headerOf(request.headers, 'content-encoding') ?? '';
  const isStreamed = headerOf(request.headers, 'x-amz-content-sha256')?.startsWith('STREAMING-') === true;
  if (isStreamed && !encoding.includes('aws-chunked')) request.headers['content-encoding'] = `aws-chunked,${encoding}`;
}

/** Installs the edge on the emulator, for bodies of up to `bodyBytes`. */
export function installS3Edge(app: EmulatorApp, edge: S3Edge, bodyBytes: number): void {
  app.removeContentTypeParser('*');
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: bodyBytes }, (_request, body, done) =>
    done(null, body),
  );
  app.addHook('onRequest', (request, reply, done) => {
    const entered = edge.enter(request);
    if (entered === undefined) {
      done();
      return;
    }
    reply.headers({ 'x-amz-request-id': entered.visit.requestId, 'x-amz-id-2': 'local' });
    if (entered.refusal !== undefined) {
      refuse(reply, entered.refusal, entered.visit.requestId);
      return;
    }
    if (isWrite(entered.visit.operation)) edge.writes.enter(reply.raw);
    done();
  });
  app.addHook('preHandler', (request, _reply, done) => {
    const visit = edge.visitOf(request);
    if (visit !== undefined) {
      // An empty body never reaches the parser, and the emulator needs one.
      request.body ??= Buffer.alloc(0);
      if (visit.contentType === undefined) delete request.headers['content-type'];
      else request.headers['content-type'] = visit.contentType;
    }
    done();
  });
}

/** What this module needs of a Fastify reply. */
export interface EdgeReply {
  code(status: number): EdgeReply;
  type(contentType: string): EdgeReply;
  send(payload: string): unknown;
}

/** Answers with an S3 error. */
export function refuse(reply: EdgeReply, refusal: S3Refusal, requestId: string): void {
  reply.code(refusal.status).type('application/xml').send(refusalXml(refusal, requestId));
}
