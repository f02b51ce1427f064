import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished, vi } from 'vitest';

/** `headers`: nothing is answered. `body`: the answer's headers and the beginning of its body, then nothing. */
export type Stall = 'headers' | 'body';

/**
 * A table that takes everything, for the clients of the consumer, until the test is over.
 *
 * @param stall Decides about each request by its operation and by how many of that operation came before.
 * @returns The operations that were requested so far.
 */
export async function startStallingTable(
  stall: (operation: string, index: number) => Stall | undefined,
): Promise<readonly string[]> {
  const requested: string[] = [];
  const server = createServer(async (request, response) => {
    const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    const index = requested.filter((one) => one === operation).length;
    requested.push(operation);
    await text(request);
    answer(response, stall(operation, index));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  onTestFinished(() => void vi.unstubAllEnvs());
  return requested;
}

const ANSWER = '{"UnprocessedItems":{}}';

function answer(response: ServerResponse, stall: Stall | undefined): void {
  if (stall === 'headers') return;
  response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0', 'content-length': ANSWER.length });
  if (stall === 'body') response.write(ANSWER.slice(0, 5));
  else response.end(ANSWER);
}
