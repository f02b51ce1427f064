/**
 * Keeps web pages of other sites away from a server on this machine.
 *
 * A page can make the browser send requests here: openly, with its site as the Origin, or under a name of its own that
 * points to this machine (DNS rebinding), with that name as the Host.
 */
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';

/** The parts of a request that tell which page sent it. A program sends no Origin and none of `Sec-Fetch-*`. */
export interface GuardedRequest {
  readonly method?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

interface GuardRules {
  /** Whether the server may be asked for by this name. @default the names of the loopback interface */
  readonly isOwnHost?: (name: string) => boolean;
  /** Whether pages of this origin are let in. @default none but the server's own */
  readonly admits?: (origin: string) => boolean;
}

/** Why a request is not let in, for people; `undefined` when it is. */
export function foreignPageError(request: GuardedRequest, rules: GuardRules = {}): string | undefined {
  const { isOwnHost = isLoopbackName, admits } = rules;
  const { host = '' } = request.headers;
  if (!isOwnHost(nameOf(host))) {
    return `This server answers to localhost, 127.0.0.1 and its own address, not to the host "${host}".`;
  }
  const page = pageOf(request);
  if (page === undefined || page === `http://${host}` || admits?.(page)) return undefined;
  return `This server takes no requests of pages from ${page}.`;
}

/** Answers a request that is not let in. @returns whether it was answered */
export function refuseForeignPage(request: GuardedRequest, response: ServerResponse): boolean {
  const error = foreignPageError(request);
  if (error === undefined) return false;
  // Closes the connection: the rest of the request's body, if any, is not wanted.
  response.writeHead(403, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' }).end(`${error}\n`);
  return true;
}

/** Whether this machine alone has the name, as it stands in a URL. */
export function isLoopbackName(name: string): boolean {
  return /^(localhost|127\.0\.0\.1|\[::1\])$/i.test(name);
}

/** Whether a page's origin is a server of this machine. */
export function isLoopbackOrigin(origin: string): boolean {
  const [scheme, host = ''] = origin.split('://');
  return (scheme === 'http' || scheme === 'https') && isLoopbackName(nameOf(host));
}

/** The name alone counts: `ssh -L` and `docker -p` change the port. Nothing for what is no host. */
function nameOf(host: string): string {
  return /^(\[[^\]]*\]|[^:]*)(:\d+)?$/.exec(host)?.[1] ?? '';
}

/** Origin of the page that sent the request; `undefined` for a program, the server's own page and an address that the user opens. */
function pageOf({ method = 'GET', headers }: GuardedRequest): string | undefined {
  const { origin, referer = '' } = headers;
  if (origin !== undefined) return origin;
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin' || site === 'none') return undefined;
  // Following a link shows the answer to the user and not to the page that the link is on.
  const isOpened = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  if (isOpened && (method === 'GET' || method === 'HEAD')) return undefined;
  // What a page embeds, such as an image, is asked for without an Origin.
  return URL.canParse(referer) ? new URL(referer).origin : 'a site that is not named';
}
