import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AccessRules, cookieName, foreignFault, hasSession, isToken } from './access.ts';
import { BadRequestError, type Handler } from './exchange.ts';
import { COMMON_HEADERS, INERT_POLICY, STRANGER_POLICY } from './headers.ts';
import type { PageFile } from './page-files.ts';

export interface AnswerOptions {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly rules: AccessRules;
  readonly files: ReadonlyMap<string, PageFile>;
  readonly routes: ReadonlyMap<string, Handler>;
  /** Content-Security-Policy of the page. */
  readonly policy: string;
  readonly explain: (error: unknown) => string;
}

/** Name of the link's parameter. */
const TOKEN = 'token';

/**
 * Answers one request. The order matters: nothing is looked at before Host, Origin and token are right, and only what stands in `files`
 * and `routes` is ever sent. Never rejects.
 */
export async function answer(options: AnswerOptions): Promise<void> {
  const { request, response, rules } = options;
  response.setHeaders(new Map(Object.entries({ ...COMMON_HEADERS, 'content-security-policy': INERT_POLICY }) as []));
  const asked = { method: request.method ?? '', headers: request.headers };
  const url = parseUrl(request.url);
  const fault = foreignFault(asked, rules);
  if (fault !== undefined) return refuse(response, 403, fault);
  if (url === undefined) return refuse(response, 400, 'Expected the address of a page.');
  if (url.searchParams.has(TOKEN)) return enter(url, options);
  if (!hasSession(asked, rules)) return refuseStranger(response);
  await serve(url, options);
}

/** Exchanges the link's token for a cookie that no script reads and no other site sends, and takes it out of the address. */
function enter(url: URL, { request, response, rules, files }: AnswerOptions): void {
  if (request.method !== 'GET' || !isToken(url.searchParams.get(TOKEN), rules)) {
    refuseStranger(response);
    return;
  }
  url.searchParams.delete(TOKEN);
  // Never to an address that somebody else put together.
  const path = files.has(url.pathname) ? url.pathname : '/';
  const cookie = `${cookieName(rules)}=${rules.token}; Path=/; HttpOnly; SameSite=Strict`;
  response.writeHead(303, { location: `${path}${url.search}`, 'set-cookie': cookie }).end();
}

async function serve(url: URL, options: AnswerOptions): Promise<void> {
  const { request, response, files, routes, policy, explain } = options;
  const method = request.method === 'HEAD' ? 'GET' : (request.method ?? '');
  const file = method === 'GET' ? files.get(url.pathname) : undefined;
  if (file !== undefined) {
    response.writeHead(200, { 'content-type': file.contentType, 'content-security-policy': policy }).end(file.body);
    return;
  }
  const handler = routes.get(`${method} ${url.pathname}`);
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
  // The rest of a request's body, if any, is not wanted.
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', connection: 'close' });
  response.end(JSON.stringify({ error }));
}

/**
 * A browser does not send the cookie along when somebody follows a link from another site, such as a chat. The link in the answer is of
 * this site: following it sends the cookie, if there is one.
 */
function refuseStranger(response: ServerResponse): void {
  const headers = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': STRANGER_POLICY };
  response.writeHead(403, { ...headers, connection: 'close' }).end(STRANGER);
}

const STRANGER = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>upload-ledger: not let in</title>
<main>
<h1>Not let in</h1>
<p>Open the link that the console printed when it started; it lets this browser in.</p>
<p>Came here by a link from another site? <a href="">Open it again from here.</a></p>
</main>
</html>
`;

/** A request names a path of this server. Anything else, such as the address of another server, is no request for a page. */
function parseUrl(target: string | undefined): URL | undefined {
  if (!target?.startsWith('/') || target.startsWith('//')) return undefined;
  return URL.parse(target, 'http://console') ?? undefined;
}
