import { type IncomingMessage, request as open, Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseBatchWrite, putPositions, splitBatchWrite } from '../../../../src/local/servers/table-faults.ts';
import { seededRandom } from '../../../../src/shared/seeded-random.ts';
import { FATE_HEADER, type Fate } from '../fate.ts';
import type { Fault } from './fault-kinds.ts';
import { REFUSALS, type Refused } from './refusals.ts';

/** Longest that a slow call waits: less than the second after which the SDK would call it a failure to connect. */
const LONGEST_DELAY = 900;

export interface ServiceProxyOptions {
  readonly service: Refused;
  /** Lets a call through to where the service listens now; rejects while it is down. */
  readonly reach: <T>(send: (endpoint: string) => Promise<T>) => Promise<T>;
  /** What becomes of a call; asked once for each, with its body. */
  readonly faultOf: (body: string) => Fault | undefined;
  /** Told of each call with what becomes of it. */
  readonly onCall: (body: string, fault: Fault | undefined) => void;
}

export interface ServiceProxy {
  readonly endpoint: string;
  /** Breaks every connection, whatever is under way on it. */
  cut(): void;
  close(): Promise<void>;
}

/** A proxy between the function and one service, with the faults of the schedule. */
export async function startServiceProxy(options: ServiceProxyOptions): Promise<ServiceProxy> {
  const server = new Server((request, response) => {
    // Whatever goes wrong with the service itself is a cut connection to the function.
    handle(request, response, options).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut: () => server.closeAllConnections(),
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

async function handle(request: IncomingMessage, response: ServerResponse, options: ServiceProxyOptions): Promise<void> {
  const body = await buffer(request);
  const fault = options.faultOf(String(body));
  options.onCall(String(body), fault);
  const carryOut = (what: Buffer = body) => options.reach((endpoint) => forward(request, what, endpoint));
  switch (fault?.kind) {
    case undefined:
      return answer(response, await carryOut());
    case 'slow':
      await sleep(fault.amount * LONGEST_DELAY);
      return answer(response, await carryOut());
    case 'throttled':
      return answer(response, REFUSALS[options.service].throttled);
    case 'unprocessed':
      return answerInPart(response, body, fault, options, carryOut);
    case 'cut-before-write':
      return void response.destroy();
    case 'cut-after-write':
      return cut(response, await carryOut());
    case 'never-answered':
      return void (await carryOut());
    case 'killed-at-answer':
    case 'out-of-memory':
    case 'timed-out':
      return answer(response, await carryOut(), fault.kind);
    default:
      return answer(response, REFUSALS[options.service].failed);
  }
}

/** Carries out a part of a BatchWriteItem call, and returns the rest as unprocessed. */
async function answerInPart(
  response: ServerResponse,
  body: Buffer,
  fault: Fault,
  { service }: ServiceProxyOptions,
  carryOut: (part: Buffer) => Promise<Answer>,
): Promise<void> {
  const call = parseBatchWrite(String(body)) ?? { RequestItems: {} };
  const random = seededRandom(fault.index);
  const share = 0.1 + 0.9 * fault.amount;
  const positions = putPositions(Object.values(call.RequestItems).flat()).filter(() => random() < share);
  const { taken, unprocessed } = splitBatchWrite(call, positions);
  // Source: DynamoDB's API reference, BatchWriteItem: when no item at all can be processed, the call fails.
  if (Object.keys(taken.RequestItems).length === 0) return answer(response, REFUSALS[service].throttled);
  const done = await carryOut(Buffer.from(JSON.stringify(taken)));
  const said = JSON.parse(String(done.body)) as object;
  const told = Buffer.from(JSON.stringify({ ...said, UnprocessedItems: unprocessed.RequestItems }));
  return answer(response, { ...done, body: told });
}

function forward({ method, url, headers }: IncomingMessage, body: Buffer, target: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(target);
    const length = { 'content-length': String(body.byteLength) };
    const path = url ?? '/';
    const call = open({ hostname, port, path, method, headers: { ...headers, ...length } }, (answered) => {
      buffer(answered).then(
        (text) => resolve({ status: answered.statusCode ?? 500, headers: answered.headers, body: text }),
        reject,
      );
    });
    call.on('error', reject);
    call.end(body);
  });
}

function answer(response: ServerResponse, { status, headers, body }: Answer, fate?: Fate): void {
  response.writeHead(status, { ...headersFor(headers, body), ...(fate && { [FATE_HEADER]: fate }) });
  response.end(body);
}

/** Breaks off in the middle of the answer. */
function cut(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, headersFor(headers, body));
  response.write(body.subarray(0, body.byteLength / 2), () => response.destroy());
}

/** A body that was changed has neither the length nor the checksum that stood with it. */
function headersFor(headers: IncomingMessage['headers'], body: Buffer) {
  const { 'x-amz-crc32': _, 'transfer-encoding': __, connection: ___, ...kept } = headers;
  return { ...kept, 'content-length': String(body.byteLength) };
}
