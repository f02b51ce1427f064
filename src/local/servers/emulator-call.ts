import type { IncomingHttpHeaders, IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';

/** A request whose body has been read. */
interface ReadRequest extends Pick<IncomingMessage, 'method' | 'url' | 'headers'> {
  readonly body: string;
}

/** Hands a request to an emulator's listener as if it came from the network. */
export function replayCall(listener: RequestListener, request: ReadRequest, response: ServerResponse): void {
  const { method, url, headers, body } = request;
  const replayed = Object.assign(Readable.from([Buffer.from(body)]), { method, url, headers });
  listener(replayed as unknown as IncomingMessage, response);
}

/**
 * Calls DynamoDB without the network, signed as another request was.
 *
 * @returns the answer, or undefined when the call was refused.
 */
export function callTable(
  listener: RequestListener,
  headers: IncomingHttpHeaders,
  operation: string,
  call: object,
): Promise<unknown> {
  const target = { ...headers, 'x-amz-target': `DynamoDB_20120810.${operation}` };
  return new Promise((resolve) => {
    const response = {
      statusCode: 200,
      setHeader: () => undefined,
      end: (answer: string) => resolve(response.statusCode === 200 ? JSON.parse(answer) : undefined),
    };
    const request = { method: 'POST', url: '/', headers: target, body: JSON.stringify(call) };
    replayCall(listener, request, response as unknown as ServerResponse);
  });
}

/** Changes what will be answered; undefined cuts the connection. */
export function changeAnswer(response: ServerResponse, change: (answer: string) => string | undefined): void {
  const end = response.end.bind(response) as (body: string) => ServerResponse;
  response.end = ((body: string) => {
    const changed = change(String(body));
    if (changed === undefined) return response.destroy();
    response.removeHeader('x-amz-crc32');
    response.setHeader('content-length', Buffer.byteLength(changed));
    return end(changed);
  }) as typeof response.end;
}

/** Keeps back what will be answered. */
export function holdAnswer(response: ServerResponse): { readonly given: Promise<void>; readonly send: () => void } {
  const end = response.end.bind(response) as (body: string) => ServerResponse;
  const { promise, resolve } = Promise.withResolvers<void>();
  let held = '';
  response.end = ((body: string) => {
    held = String(body);
    resolve();
    return response;
  }) as typeof response.end;
  return { given: promise, send: () => void end(held) };
}
