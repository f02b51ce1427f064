import type { EventEmitter } from 'node:events';
import {
  type EdgeRequest,
  type EmulatorApp,
  headerOf,
  hoistedMetadata,
  presignedRefusal,
  queryOf,
  type S3Operation,
  s3OperationOf,
} from './request.ts';
import { refusalXml, type S3Refusal } from './xml.ts';

/** The requests that are being answered. */
export class InFlight {
  readonly #responses = new Set<EventEmitter>();
  #waiting: Array<() => void> = [];

  get size(): number {
    return this.#responses.size;
  }

  /** Counts a request until its response has been sent or its client has gone. */
  enter(response: EventEmitter): void {
    this.#responses.add(response);
    response.once('close', () => {
      this.#responses.delete(response);
      if (this.#responses.size > 0) return;
      for (const resolve of this.#waiting) resolve();
      this.#waiting = [];
    });
  }

  /** Resolves when no request is left, or after `patience` milliseconds. */
  async drained(patience: number): Promise<void> {
    if (this.#responses.size === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, patience);
      this.#waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}

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

/** Answers S3 requests that fail outside the emulator's own checks as S3 would: in XML, with a code. */
export function installErrorAnswers(app: EmulatorApp, edge: S3Edge): void {
  app.setErrorHandler((error: { statusCode?: number; message: string }, request, reply) => {
    const visit = edge.visitOf(request);
    if (visit === undefined) {
      reply.code(error.statusCode ?? 500).send({ __type: 'InternalFailure', message: error.message });
      return;
    }
    refuse(reply, refusalFor(error.statusCode ?? 500, error.message), visit.requestId);
  });
}

function refusalFor(status: number, message: string): S3Refusal {
  if (status === 413) {
    return {
      status: 400,
      code: 'EntityTooLarge',
      message: 'The body is larger than the local stack takes in one request.',
    };
  }
  return status < 500 ? { status, code: 'InvalidRequest', message } : { status, code: 'InternalError', message };
}
