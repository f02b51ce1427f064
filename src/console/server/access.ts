import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { foreignPageError, type GuardedRequest, isLoopbackName } from '../../shared/foreign-page.ts';

/** Who may talk to the console. */
export interface AccessRules {
  /** Where the console listens: one address, never a name. */
  readonly address: string;
  /** In the printed link; the page keeps it, and sends it with each request. */
  readonly token: string;
}

/** Why the request's Host or Origin is not let in, or `undefined` when both are right. */
export function foreignError(request: GuardedRequest, { address }: AccessRules): string | undefined {
  return foreignPageError(request, { isOwnHost: (name) => isOwnHost(name, address) });
}

/**
 * On the loopback interface its names and the address itself; elsewhere any address, because one interface may have
 * several and, unlike a name, nobody else can make an address point here.
 */
function isOwnHost(name: string, address: string): boolean {
  if (isLoopbackName(name) || name === hostName(address)) return true;
  return !isLoopback(address) && isIP(name.replace(/^\[|\]$/g, '')) !== 0;
}

/**
 * Whether the request carries the token. Not by a cookie: a browser sends the cookies of a name to every port of it, so
 * that any other server on this machine would be told.
 */
export function hasToken({ authorization }: IncomingHttpHeaders, { token }: AccessRules): boolean {
  return isEqual(authorization, `Bearer ${token}`);
}

/** The parameter that a ticket is in. */
const TICKET = 'ticket';

/**
 * The address with a ticket: whoever has it may get what is at this address, and nothing else. For what a browser asks
 * for without the page's header, as it does for a frame.
 *
 * @param address Path and query.
 */
export function withTicket(address: URL, { token }: AccessRules): string {
  const { pathname, searchParams } = new URL(address);
  searchParams.delete(TICKET);
  const signature = createHmac('sha256', token).update(`${pathname}?${searchParams}`).digest('base64url');
  searchParams.set(TICKET, signature);
  return `${pathname}?${searchParams}`;
}

/** Whether the address has its ticket. */
export function hasTicket(address: URL, rules: AccessRules): boolean {
  const wanted = new URL(withTicket(address, rules), address).searchParams.get(TICKET) ?? '';
  return isEqual(address.searchParams.get(TICKET), wanted);
}

/** Compares in constant time. */
function isEqual(given: string | null | undefined, wanted: string): boolean {
  const [one, other] = [Buffer.from(given ?? ''), Buffer.from(wanted)];
  return one.length === other.length && timingSafeEqual(one, other);
}

/** An address as it is written in a URL. */
export function hostName(address: string): string {
  return isIP(address) === 6 ? `[${address}]` : address;
}

/** Whether only this machine can reach `address`. */
export function isLoopback(address: string): boolean {
  return address === '::1' || /^127\.\d+\.\d+\.\d+$/.test(address);
}
