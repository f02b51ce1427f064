import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { WriteStub } from '../lab/bench/stub/write-stub.ts';

export interface StubServer {
  readonly stub: WriteStub;
  readonly endpoint: string;
}

/** The bench's stub of DynamoDB, in this process and to the end of the test. */
export async function startStubServer(): Promise<StubServer> {
  const stub = new WriteStub();
  const server = createServer(async (request, response) => {
    const operation = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
    const { status, body } = stub.answer(operation, await text(request));
    response.writeHead(status).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { stub, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}
