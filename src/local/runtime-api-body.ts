import type { IncomingMessage } from 'node:http';

/** Largest response of a synchronous invocation, in bytes: what Lambda's own error message names. */
export const MAXIMUM_RESPONSE_BYTES = 6_291_556;

/** A request's body as text, or undefined when it is larger than {@link MAXIMUM_RESPONSE_BYTES}; then nothing is kept of it. */
export async function readBody(request: IncomingMessage): Promise<string | undefined> {
  let chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= MAXIMUM_RESPONSE_BYTES) chunks.push(chunk);
    else chunks = [];
  }
  return bytes > MAXIMUM_RESPONSE_BYTES ? undefined : Buffer.concat(chunks, bytes).toString('utf8');
}
