import type { IncomingMessage, ServerResponse } from 'node:http';
import { UploadLedgerError } from '../../shared/errors.ts';

/** One request that was let in, and the way to answer it. */
export interface Exchange {
  readonly url: URL;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Aborted when whoever asked has gone, and when the console closes. */
  readonly signal: AbortSignal;
}

/** Answers one request. What it throws before the answer has begun becomes the answer. */
export type Handler = (exchange: Exchange) => Promise<void>;

/** A request that makes no sense. Answered with 400. */
export class BadRequestError extends UploadLedgerError {
  override readonly name = 'BadRequestError';

  constructor(message: string) {
    super('bad-request', message);
  }
}

/** Bytes of the largest request: five hundred keys of 1,024 bytes, each with all that JSON can do to them. */
const MOST_BYTES = 4 * 1024 * 1024;

export function sendJson({ response }: Exchange, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(value));
}

/**
 * Sends values as they come, one JSON object a line. Waits while whoever reads is slower.
 *
 * An error after the first line becomes the last line, `{ "error": "..." }`, because the answer has begun by then.
 */
export async function sendJsonLines(
  { response, signal }: Exchange,
  values: AsyncIterable<unknown>,
  explain: (error: unknown) => string,
): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/x-ndjson; charset=utf-8' });
  const line = async (value: unknown) => {
    if (response.write(`${JSON.stringify(value)}\n`) || signal.aborted) return;
    await drained(response, signal);
  };
  try {
    for await (const value of values) await line(value);
  } catch (error) {
    if (!signal.aborted) await line({ error: explain(error) });
  }
  response.end();
}

/** @throws BadRequestError when the body is no JSON object, or too large. */
export async function readJson({ request }: Exchange): Promise<Readonly<Record<string, unknown>>> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new BadRequestError(`Expected a body of at most ${MOST_BYTES} bytes.`);
    chunks.push(chunk);
  }
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
  }
  throw new BadRequestError('Expected a JSON object as the body.');
}

function drained(response: ServerResponse, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    response.once('drain', done);
    signal.addEventListener('abort', done, { once: true });
  });
}
