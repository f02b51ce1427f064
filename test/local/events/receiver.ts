import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

/** A request to a receiver. */
export interface ReceivedRequest {
  readonly method: string | undefined;
  /** Path and query. */
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export type Respond = (response: ServerResponse, request: ReceivedRequest, number: number) => void;

/** Answers with each of these statuses in turn, and with the last from then on. */
export function statuses(...given: readonly number[]): Respond {
  return (response, _, number) => response.writeHead(given[number - 1] ?? given.at(-1) ?? 200).end();
}

/** A server on this machine that keeps what it gets, closed when the test ends. */
export async function startReceiver(respond: Respond = statuses(200)) {
  const requests: ReceivedRequest[] = [];
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    const { method, url, headers } = request;
    const received = { method, path: url, headers, body: await text(request) };
    requests.push(received);
    respond(response, received, requests.length);
  };
  const server = createServer((request, response) => void take(request, response).catch(() => response.destroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(close);
  return { url: `http://127.0.0.1:${port}/hooks`, requests, close };
}
