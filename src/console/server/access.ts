import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';

/** Who may talk to the console. */
export interface AccessRules {
  /** Where the console listens: one address, never a name. */
  readonly address: string;
  readonly port: number;
  /** In the printed link, and in the cookie that the link is exchanged for. */
  readonly token: string;
}

/** The parts of a request that decide whether it is let in. */
export interface AccessRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
}

/**
 * Why the request's Host or Origin is not let in, or `undefined` when both are right.
 *
 * A page of another site can make the browser send requests here, also under a name of its own that points to this
 * machine (DNS rebinding). Such a request carries that name as its Host or that site as its Origin. For cookies, a page
 * on another port of this machine is the same site: only `Sec-Fetch-Site` tells it apart.
 */
export function foreignError({ method, headers }: AccessRequest, rules: AccessRules): string | undefined {
  if (!isOwnHost(headers.host, rules)) return 'The console answers to the address in its link only.';
  const { origin } = headers;
  if (origin !== undefined && origin !== `http://${headers.host}`) return 'Requests of other sites are refused.';
  const changes = method !== 'GET' && method !== 'HEAD';
  if (changes && origin === undefined) return 'A request that changes something must come from the console itself.';
  const site = headers['sec-fetch-site'];
  const isOwn = site === undefined || site === 'same-origin' || site === 'none';
  const opensPage = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  return isOwn || (opensPage && !changes) ? undefined : 'Requests of other pages are refused.';
}

/** Name of the cookie. Cookies are shared between the ports of a machine: each console has its own. */
export function cookieName({ port }: AccessRules): string {
  return `upload_ledger_console_${port}`;
}

/** Whether the request carries the cookie that the printed link was exchanged for. */
export function hasSession({ headers }: AccessRequest, rules: AccessRules): boolean {
  const name = cookieName(rules);
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim().split('='));
  return pairs.some(([key, value]) => key === name && isToken(value, rules));
}

/** Compares in constant time. */
export function isToken(value: string | null | undefined, { token }: AccessRules): boolean {
  const [given, wanted] = [Buffer.from(value ?? ''), Buffer.from(token)];
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/**
 * On the loopback interface the address itself and `localhost`; elsewhere any address, because one interface may have
 * several and, unlike a name, nobody else can make an address point here.
 */
function isOwnHost(host: string | undefined, { address, port }: AccessRules): boolean {
  const suffix = `:${port}`;
  if (host === undefined || !host.endsWith(suffix)) return false;
  const name = host.slice(0, -suffix.length);
  if (name === hostName(address) || name === 'localhost') return true;
  return !isLoopback(address) && isIP(name.replace(/^\[|\]$/g, '')) !== 0;
}

/** An address as it is written in a URL. */
export function hostName(address: string): string {
  return isIP(address) === 6 ? `[${address}]` : address;
}

/** Whether only this machine can reach `address`. */
export function isLoopback(address: string): boolean {
  return address === '::1' || /^127\.\d+\.\d+\.\d+$/.test(address);
}
