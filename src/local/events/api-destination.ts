import { type IncomingMessage, request as openRequest } from 'node:http';
import type { Clock } from '../../shared/clock.ts';
import { errorMessage } from '../../shared/errors.ts';
import { isLoopbackName } from '../../shared/foreign-page.ts';
import { SECOND_MS } from '../../shared/time.ts';
import type { ApiDestinationResource, ConnectionResource } from '../template/resources.ts';

/** Longest wait for an endpoint's answer. Source: EventBridge User Guide, "API destinations as targets". */
const REQUEST_TIMEOUT_MS = 5 * SECOND_MS;

/**
 * Codes of 4xx that are tried again, beside all of 5xx.
 *
 * Source: EventBridge User Guide, "API destination error codes".
 */
const RETRIED: readonly number[] = [401, 407, 409, 429];

/** What became of one request. */
export type RequestOutcome =
  | { readonly isDelivered: true; readonly status: number }
  | {
      readonly isDelivered: false;
      /** As EventBridge names it in a dead-letter message. */
      readonly code: 'ERROR_FROM_TARGET' | 'TIMEOUT' | 'CONNECTION_FAILURE';
      readonly message: string;
      readonly isRetryable: boolean;
      /** Shortest wait that the endpoint asked for. Negative: no further request. */
      readonly retryAfterMs?: number;
    };

interface DestinationRequest {
  readonly destination: Pick<ApiDestinationResource, 'method'>;
  readonly connection: Pick<ConnectionResource, 'headers' | 'query' | 'body'>;
  /** On this machine. */
  readonly url: string;
  readonly input: unknown;
  /** Cuts the request. */
  readonly signal: AbortSignal;
  readonly clock: Pick<Clock, 'timeout' | 'now'>;
}

/** Whether requests to a URL stay on this machine. */
export function isOnThisMachine(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'http:' && isLoopbackName(hostname);
}

/** Sends one request as EventBridge does; the endpoint's whole answer counts, not only its status. */
export async function callDestination(call: DestinationRequest): Promise<RequestOutcome> {
  const timeout = call.clock.timeout(REQUEST_TIMEOUT_MS);
  try {
    const response = await send(call, AbortSignal.any([timeout, call.signal]));
    // Nothing is read of it, but a connection that breaks within it is a failure.
    for await (const _part of response);
    return outcomeOf(response, call.clock.now());
  } catch (error) {
    if (timeout.aborted) {
      const message = `No answer within ${REQUEST_TIMEOUT_MS / SECOND_MS} s.`;
      return { isDelivered: false, code: 'TIMEOUT', message, isRetryable: true };
    }
    const { code } = error as NodeJS.ErrnoException;
    const message = `The endpoint cannot be reached: ${code ?? errorMessage(error)}.`;
    return { isDelivered: false, code: 'CONNECTION_FAILURE', message, isRetryable: true };
  }
}

function send({ destination, connection, url, input }: DestinationRequest, signal: AbortSignal) {
  const body = JSON.stringify(isFields(input) ? { ...input, ...connection.body } : (input ?? null));
  const address = new URL(url);
  for (const [name, value] of Object.entries(connection.query)) address.searchParams.append(name, value);
  // Source: EventBridge User Guide, "Headers included in requests to API destinations".
  const headers = {
    'User-Agent': 'Amazon/EventBridge/ApiDestinations',
    'Content-Type': 'application/json; charset=utf-8',
    Range: 'bytes=0-1048575',
    'Accept-Encoding': 'gzip,deflate',
    Connection: 'close',
    'Content-Length': Buffer.byteLength(body),
    ...connection.headers,
  };
  return new Promise<IncomingMessage>((resolve, reject) => {
    const request = openRequest(address, { method: destination.method, headers, signal, agent: false }, resolve);
    request.once('error', reject);
    request.end(body);
  });
}

function isFields(input: unknown): input is Readonly<Record<string, unknown>> {
  return typeof input === 'object' && input !== null && !Array.isArray(input);
}

function outcomeOf({ statusCode: status = 0, headers }: IncomingMessage, now: number): RequestOutcome {
  if (status >= 200 && status < 300) return { isDelivered: true, status };
  const retryAfterMs = readRetryAfter(headers['retry-after'], now);
  return {
    isDelivered: false,
    code: 'ERROR_FROM_TARGET',
    message: `The endpoint answered with status ${status}.`,
    isRetryable: status >= 500 || RETRIED.includes(status),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}

/** Seconds or a date. Source: RFC 9110, "Retry-After". */
function readRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  const seconds = Number(value);
  const milliseconds = Number.isNaN(seconds) ? Date.parse(value) - now : seconds * SECOND_MS;
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}
