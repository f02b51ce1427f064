import type { EventEmitter } from 'node:events';
import type { Clock } from '../../shared/clock.ts';
import type { Checksum } from './checksum.ts';
import { NO_SETTINGS, type ObjectSettings, ownerRefusal } from './object-settings.ts';
import { encodingsOf, readPayload } from './payload.ts';
import {
  type EdgeRequest,
  type EmulatorApp,
  headerOf,
  hoistedHeaders,
  type Parameters,
  queryOf,
  receivedAddressOf,
  type S3Operation,
  s3OperationOf,
} from './request.ts';
import { presignedRefusal } from './signature.ts';
import { refusalXml, type S3Refusal } from './xml.ts';

/** The requests that are being answered. */
export class InFlight {
  readonly #clock: Clock;
  readonly #responses = new Set<EventEmitter>();
  #waiting: Array<() => void> = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#responses.size;
  }

  /** Counts a request until its response has been sent or its client has gone. */
  enter(response: EventEmitter): void {
    this.#responses.add(response);
    response.once('close', () => {
      this.#responses.delete(response);
      if (this.#responses.size > 0) return;
      for (const resolve of this.#waiting.splice(0)) resolve();
    });
  }

  /** Resolves when no request is left, or after so many milliseconds. */
  async drained(timeoutMs: number): Promise<void> {
    if (this.#responses.size === 0) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.after(timeoutMs, resolve);
      this.#waiting.push(() => {
        cancel();
        resolve();
      });
    });
  }
}

/** What is known of an S3 request, from one hook to the next. */
export interface S3Request {
  operation: S3Operation;
  /** The query's, or those of an upload form. */
  parameters: Parameters;
  readonly id: string;
  /** Set aside while the body is read. */
  readonly contentType: string | undefined;
  /** That was sent and verified. */
  checksum?: Checksum | undefined;
  /** Of the object that the request writes. */
  settings: ObjectSettings;
  /** Called with the answer before it is sent. Each returns headers to add to it. */
  readonly onAnswer: Array<(answer: S3Answer) => Readonly<Record<string, string>>>;
}

/** The emulator's answer. */
export interface S3Answer {
  readonly status: number;
  /** Empty when there is none. */
  readonly eTag: string;
  /** The whole body. */
  text(): string;
}

/** S3's answer to writes while the server closes. */
const CLOSING: S3Refusal = {
  status: 503,
  code: 'ServiceUnavailable',
  message: 'The local stack is closing. Try again when it is up.',
};

/** Reads each S3 request before its body is read, and refuses what the emulator would get wrong. */
export class S3Edge {
  readonly #requests = new WeakMap<object, S3Request>();
  readonly #clock: Clock;
  readonly #nextRequestId: () => string;
  /** Writes that have begun and are not answered. */
  readonly writes: InFlight;
  /** Set when no further write may begin. */
  isClosing = false;

  constructor(clock: Clock, nextRequestId: () => string) {
    this.#clock = clock;
    this.#nextRequestId = nextRequestId;
    this.writes = new InFlight(clock);
  }

  /** What is known of a request; undefined when it is not for S3. */
  requestOf({ raw }: EdgeRequest): S3Request | undefined {
    return this.#requests.get(raw);
  }

  /** Reads a request for S3; with a refusal when it must not go further. */
  admit(request: EdgeRequest): { s3: S3Request; refusal: S3Refusal | undefined } | undefined {
    const { method, headers, params, url } = request;
    const { bucket, '*': key = '' } = (params ?? {}) as { bucket?: string; '*'?: string };
    if (bucket === undefined) return undefined;
    const query = queryOf(request);
    const signed = { method, headers, url, received: receivedAddressOf(request) };
    const presigned = presignedRefusal(signed, query, this.#clock.now());
    Object.assign(headers, hoistedHeaders(query));
    const operation = s3OperationOf({ method, bucket, key, query, headers });
    const contentType = headerOf(headers, 'content-type');
    const id = this.#nextRequestId();
    const s3: S3Request = { operation, parameters: query, id, contentType, settings: NO_SETTINGS, onAnswer: [] };
    this.#requests.set(request.raw, s3);
    const refusal = this.#refusalOf(operation) ?? ownerRefusal(headers) ?? presigned;
    if (refusal === undefined) prepareHeaders(request);
    return { s3, refusal };
  }

  #refusalOf(operation: S3Operation): S3Refusal | undefined {
    if (operation.kind === 'refused') return operation.refusal;
    return isWrite(operation) && this.isClosing ? CLOSING : undefined;
  }
}

function isWrite({ kind }: S3Operation): boolean {
  return kind === 'write' || kind === 'post-form' || kind === 'delete-objects';
}

/**
 * Gives every body one content type. S3 stores whatever comes, while the emulator parses forms and JSON and refuses
 * malformed types.
 */
function prepareHeaders({ headers }: EdgeRequest): void {
  headers['content-type'] = 'application/octet-stream';
}

/**
 * Reads the body out of its chunks, and verifies it. A form is verified once it is read, and the checksum of a request
 * that completes an upload is that of the object.
 */
function takeBody(request: EdgeRequest, s3: S3Request): S3Refusal | undefined {
  const { headers } = request;
  if (s3.contentType === undefined) delete headers['content-type'];
  else headers['content-type'] = s3.contentType;
  // An empty body never reaches the parser, and the emulator needs one.
  request.body ??= Buffer.alloc(0);
  if (s3.operation.kind === 'post-form' || isCompletion(s3.operation)) return undefined;
  const payload = readPayload(headers, request.body as Buffer);
  if ('code' in payload) return payload;
  request.body = payload.content;
  const encodings = encodingsOf(headers).filter((name) => name !== 'aws-chunked');
  if (encodings.length === 0) delete headers['content-encoding'];
  else headers['content-encoding'] = encodings.join(',');
  s3.checksum = payload.checksum;
  // The emulator keeps what a header says. It came in the trailer, perhaps.
  if (payload.checksum !== undefined) headers[payload.checksum.header] = payload.checksum.value;
  return undefined;
}

function isCompletion(operation: S3Operation): boolean {
  return operation.kind === 'write' && operation.change === 'CompleteMultipartUpload';
}

/** The answer's XML or a refusal, where the emulator would answer wrongly; undefined when the emulator is to answer. */
type Override = (request: EdgeRequest, s3: S3Request) => Promise<string | S3Refusal | undefined>;

/** Installs the edge on the emulator, for bodies of up to `bodyLimit` bytes. */
export function installS3Edge(app: EmulatorApp, edge: S3Edge, bodyLimit: number, override: Override): void {
  app.removeContentTypeParser('*');
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit }, (_request, body, done) => done(null, body));
  app.addHook('onRequest', (request, reply, done) => {
    const admitted = edge.admit(request);
    if (admitted === undefined) return done();
    const { s3, refusal } = admitted;
    reply.headers({ 'x-amz-request-id': s3.id, 'x-amz-id-2': 'local' });
    if (refusal !== undefined) return refuse(reply, refusal, s3.id);
    if (isWrite(s3.operation)) edge.writes.enter(reply.raw);
    done();
  });
  app.addHook('preHandler', async (request, reply) => {
    const s3 = edge.requestOf(request);
    if (s3 === undefined) return undefined;
    const answer = takeBody(request, s3) ?? (await override(request, s3));
    if (answer === undefined) return undefined;
    if (typeof answer === 'string') reply.type('application/xml').send(answer);
    else refuse(reply, answer, s3.id);
    return reply;
  });
}

/** What is needed of a Fastify reply. */
interface EdgeReply {
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
  app.setErrorHandler(({ statusCode = 500, message }: { statusCode?: number; message: string }, request, reply) => {
    const s3 = edge.requestOf(request);
    if (s3 === undefined) reply.code(statusCode).send({ __type: 'InternalFailure', message });
    else refuse(reply, refusalFor(statusCode, message), s3.id);
  });
}

function refusalFor(status: number, message: string): S3Refusal {
  if (status === 413) {
    const tooLarge = 'The body is larger than the local stack accepts in one request.';
    return { status: 400, code: 'EntityTooLarge', message: tooLarge };
  }
  return { status, code: status < 500 ? 'InvalidRequest' : 'InternalError', message };
}
