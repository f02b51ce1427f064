/**
 * Answers the console's requests: what an answer may do in the browser (its headers), what handlers of routes work with,
 * and the order in which a request is checked and served.
 */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { UploadLedgerError } from '../../shared/errors.ts';
import { type AccessRules, foreignError, hasTicket, hasToken } from './access.ts';
import type { PageFile } from './page-files.ts';

/** On every answer. */
const COMMON_HEADERS: OutgoingHttpHeaders = {
  'cache-control': 'no-store',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** For everything that is not a page: it may do nothing at all when somebody opens it as one. */
const INERT_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox";

/**
 * For an email in its frame. Its styles are in the email itself; nothing is fetched, nothing runs, nothing is sent. The
 * frame's own `sandbox` attribute says the same once more.
 */
export const EMAIL_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox";

/**
 * For the console's page: own files only, no inline script or style, and no way for a text to become markup (trusted
 * types).
 *
 * @param uploadOrigins Where the page may send uploads, besides the console itself.
 */
export function pagePolicy(uploadOrigins: readonly string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    ["connect-src 'self'", ...uploadOrigins].join(' '),
    "frame-src 'self'",
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}

/** One request that was let in, and the way to answer it. */
export interface Exchange {
  readonly url: URL;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Aborted when the client has gone, and when the console closes. */
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

export function sendJson({ response }: Exchange, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(value));
}

/**
 * Sends values as they come, one JSON object per line. Waits for a slow reader.
 *
 * An error after the first line becomes the last line, `{ "error": "..." }`, because the answer has begun by then.
 */
export async function sendJsonLines(
  { response, signal }: Exchange,
  values: AsyncIterable<unknown>,
  explain: (error: unknown) => string,
): Promise<void> {
  response.writeHead(200, { 'content-type': JSON_LINES_TYPE });
  const sendLine = async (value: unknown) => {
    if (response.write(`${JSON.stringify(value)}\n`) || signal.aborted) return;
    await drained(response, signal);
  };
  try {
    for await (const value of values) await sendLine(value);
  } catch (error) {
    if (!signal.aborted) await sendLine({ error: explain(error) });
  }
  response.end();
}

export const JSON_LINES_TYPE = 'application/x-ndjson; charset=utf-8';

/** Sends lines as a file to keep. An error after the first line breaks the download off: no half file looks whole. */
export async function sendDownload(
  { response, signal }: Exchange,
  file: { readonly name: string; readonly contentType: string },
  lines: AsyncIterable<string>,
): Promise<void> {
  const begin = () =>
    response.writeHead(200, {
      'content-type': file.contentType,
      'content-disposition': `attachment; filename="${file.name}"`,
    });
  for await (const line of lines) {
    if (!response.headersSent) begin();
    if (!response.write(`${line}\n`) && !signal.aborted) await drained(response, signal);
  }
  if (!response.headersSent) begin();
  response.end();
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

/** Five hundred keys of 1,024 bytes, with everything that JSON can make of them. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** @throws BadRequestError when the body is no JSON object, or too large. */
export async function readJson({ request }: Exchange): Promise<Readonly<Record<string, unknown>>> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new BadRequestError(`Expected a body of at most ${MAX_BODY_BYTES} bytes.`);
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

interface AnswerOptions {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly rules: AccessRules;
  readonly files: ReadonlyMap<string, PageFile>;
  readonly routes: ReadonlyMap<string, Handler>;
  /** Content-Security-Policy of the page. */
  readonly policy: string;
  readonly explain: (error: unknown) => string;
}

/**
 * Answers one request. The order matters: nothing is read before Host, Origin and token are right, and only what is in
 * `files` and `routes` is ever sent. The page's own files hold no secret and need no token. Never rejects.
 */
export async function answer(options: AnswerOptions): Promise<void> {
  const { request, response, rules, files, policy } = options;
  response.setHeaders(new Map(Object.entries({ ...COMMON_HEADERS, 'content-security-policy': INERT_POLICY }) as []));
  const method = request.method === 'HEAD' ? 'GET' : (request.method ?? '');
  const url = parseUrl(request.url);
  const error = foreignError(request, rules);
  if (error !== undefined) return refuse(response, 403, error);
  if (url === undefined) return refuse(response, 400, 'Expected the address of a page.');
  const file = method === 'GET' ? files.get(url.pathname) : undefined;
  if (file !== undefined) {
    response.writeHead(200, { 'content-type': file.contentType, 'content-security-policy': policy }).end(file.body);
    return;
  }
  const page = files.get('/');
  if (page !== undefined && method === 'GET' && isAddressOfPage(url, request)) {
    response.writeHead(404, { 'content-type': page.contentType, 'content-security-policy': policy }).end(page.body);
    return;
  }
  if (!hasToken(request.headers, rules) && !(method === 'GET' && hasTicket(url, rules))) {
    response.setHeader('www-authenticate', 'Bearer');
    return refuse(response, 401, 'Open the link that the console printed when it started.');
  }
  await serve(`${method} ${url.pathname}`, url, options);
}

/** Whether somebody opens an address that is none of the console's: the page says so. */
function isAddressOfPage({ pathname }: URL, { headers }: IncomingMessage): boolean {
  return !/^\/(api|mail)\//.test(pathname) && (headers.accept ?? '').includes('text/html');
}

/** A request names a path of this server. Anything else, such as another server's address, is no request for a page. */
function parseUrl(target: string | undefined): URL | undefined {
  if (!target?.startsWith('/') || target.startsWith('//') || !URL.canParse(target, 'http://console')) return undefined;
  return new URL(target, 'http://console');
}

async function serve(route: string, url: URL, { request, response, routes, explain }: AnswerOptions): Promise<void> {
  const handler = routes.get(route);
  if (handler === undefined) return refuse(response, 404, 'There is nothing at this address.');
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  try {
    await handler({ url, request, response, signal: gone.signal });
  } catch (error) {
    if (gone.signal.aborted) return;
    if (response.headersSent) response.destroy();
    else if (error instanceof BadRequestError) refuse(response, 400, error.message);
    else refuse(response, 502, explain(error));
  }
}

function refuse(response: ServerResponse, status: number, error: string): void {
  // Closes the connection: the rest of a request's body, if any, is not wanted.
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', connection: 'close' });
  response.end(JSON.stringify({ error }));
}
