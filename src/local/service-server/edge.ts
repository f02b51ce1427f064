import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { buildApp } from 'fauxqs';

/** The emulator: a Fastify application that takes hooks. */
export type EmulatorApp = ReturnType<typeof buildApp>;

/** What the glue reads of a request at the emulator's HTTP edge. */
export interface EdgeRequest {
  readonly method: string;
  /** Path and query, path-style: `/bucket/key?...`. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly query: unknown;
  readonly params: unknown;
  readonly ip: string;
  readonly raw: IncomingMessage;
  body: unknown;
}

/** Query parameters; of one that is given twice, the last. */
export function queryOf(request: EdgeRequest): Readonly<Record<string, string>> {
  const entries = Object.entries((request.query ?? {}) as Record<string, string | string[]>);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, Array.isArray(value) ? (value.at(-1) ?? '') : value]),
  );
}

/** The first value of a header, or undefined. */
export function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}
