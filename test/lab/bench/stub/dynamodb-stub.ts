/**
 * DynamoDB for the bench, in a process of its own: `node dynamodb-stub.ts [KEY CERTIFICATE]`. It sends its {@link
 * StubAddress} to the parent when it listens, and its counts in answer to each {@link StubRequest}.
 */
import { readFileSync } from 'node:fs';
import http, { type RequestListener, type Server } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { StubAddress, StubRequest } from './protocol.ts';
import { WriteStub } from './write-stub.ts';

const HEADERS = { 'content-type': 'application/x-amz-json-1.0' };
/** Longer than any pause between rounds: a connection that is closed under a client would cost it a retry. */
const KEEP_ALIVE = 10 * 60_000;

const stub = new WriteStub();

const listener: RequestListener = (request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const operation = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
    const { status, body } = stub.answer(operation, Buffer.concat(chunks).toString());
    const answer = () => response.writeHead(status, { ...HEADERS, 'content-length': body.length }).end(body);
    if (stub.behaviour.delay === 0) answer();
    else setTimeout(answer, stub.behaviour.delay);
  });
};

async function listen(server: Server | https.Server): Promise<number> {
  server.keepAliveTimeout = KEEP_ALIVE;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

process.on('message', (behaviour: StubRequest) => {
  process.send?.(stub.counts);
  stub.behave(behaviour);
});
process.on('disconnect', () => process.exit());

const [key, certificate] = process.argv.slice(2);
const address: StubAddress = { http: `http://127.0.0.1:${await listen(http.createServer(listener))}` };
if (key === undefined || certificate === undefined) process.send?.(address);
else {
  const server = https.createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, listener);
  process.send?.({ ...address, https: `https://127.0.0.1:${await listen(server)}` });
}
