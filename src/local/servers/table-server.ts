import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import dynalite from 'dynalite';
import type { OnCall } from './service-call.ts';
import { toTableCall } from './service-call.ts';
import {
  countRequests,
  FaultPlan,
  parseBatchWrite,
  partBatchWrite,
  type TableCounters,
  type TableFaults,
} from './table-faults.ts';

export interface TableServerOptions {
  /** Directory that keeps the tables. @default in memory */
  readonly path?: string;
  /** @default a free one */
  readonly port?: number;
  readonly onCall?: OnCall;
}

/** DynamoDB on 127.0.0.1, kind unless told otherwise. */
export interface TableServer {
  /** Such as `http://127.0.0.1:41234`. */
  readonly endpoint: string;
  readonly counters: Readonly<TableCounters>;
  /** Replaces the faults for all calls to come; without an argument nothing goes wrong any more. */
  setFaults(faults?: TableFaults): void;
  /** Cuts every connection and closes the store. */
  close(): Promise<void>;
}

const WRITES: readonly string[] = ['BatchWriteItem', 'DeleteItem', 'PutItem', 'UpdateItem'];
/** Operations on items; those on tables are never disturbed. */
const DISTURBED: readonly string[] = [...WRITES, 'BatchGetItem', 'GetItem', 'Query', 'Scan'];

const REFUSALS = {
  throttle: { status: 400, type: 'ProvisionedThroughputExceededException' },
  fail: { status: 500, type: 'InternalServerError' },
} as const;

export async function startTableServer({ path, port = 0, onCall }: TableServerOptions = {}): Promise<TableServer> {
  const instant = { createTableMs: 0, updateTableMs: 0, deleteTableMs: 0 };
  const server = dynalite({ ...instant, ...(path !== undefined && { path }) });
  const disturbance = new Disturbance(server, onCall);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counters: disturbance.counters,
    setFaults: (faults) => disturbance.setFaults(faults),
    close: () => disturbance.close(),
  };
}

/** Stands between a dynalite server and its clients. */
class Disturbance {
  readonly counters: TableCounters = {
    batchWriteCalls: 0,
    batchWriteItems: 0,
    unprocessed: 0,
    throttled: 0,
    failed: 0,
    cut: 0,
  };
  readonly #server: Server;
  readonly #listener: RequestListener;
  readonly #onCall: OnCall | undefined;
  #plan = new FaultPlan();
  #isClosed = false;

  constructor(server: Server, onCall?: OnCall) {
    this.#onCall = onCall;
    this.#server = server;
    const [listener] = server.listeners('request');
    this.#listener = listener as RequestListener;
    server.removeAllListeners('request');
    server.on('request', (request, response) => {
      // A client that went away in the middle of its call gets no answer.
      this.#handle(request, response).catch(() => response.destroy());
    });
  }

  setFaults(faults?: TableFaults): void {
    this.#plan = new FaultPlan(faults);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const closed = new Promise<void>((resolve, reject) => {
      this.#server.close((error) => (error ? reject(error) : resolve()));
    });
    this.#server.closeAllConnections();
    await closed;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // The emulator throws out of reach when a client breaks off or the store is closed: it only ever sees whole requests.
    const body = await text(request);
    const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    this.#tell(request, operation, body);
    const plan = this.#plan;
    const call = operation === 'BatchWriteItem' ? parseBatchWrite(body) : undefined;
    if (call !== undefined) {
      this.counters.batchWriteCalls += 1;
      this.counters.batchWriteItems += countRequests(call);
    }
    if (!DISTURBED.includes(operation)) return this.#pass(request, response, body);
    if (plan.latencyMs > 0) await sleep(plan.latencyMs);
    const refusal = plan.drawRefusal();
    if (refusal !== undefined) return this.#refuse(response, refusal);
    let puts = 0;
    const comesBack = () => (puts++ === 0 ? false : plan.drawUnprocessed());
    const { taken, unprocessed } = partBatchWrite(call ?? { RequestItems: {} }, comesBack);
    const refused = countRequests(unprocessed);
    this.counters.unprocessed += refused;
    if (WRITES.includes(operation) && plan.drawCut())
      return this.#pass(request, this.#cut(response), refused > 0 ? JSON.stringify(taken) : body);
    if (refused === 0) return this.#pass(request, response, body);
    return this.#pass(request, addUnprocessed(response, unprocessed.RequestItems), JSON.stringify(taken));
  }

  #tell({ headers }: IncomingMessage, operation: string, body: string): void {
    const call = this.#onCall && toTableCall({ headers, body }, operation);
    if (call !== undefined) this.#onCall?.(call);
  }

  #pass(request: IncomingMessage, response: ServerResponse, body: string): void {
    if (this.#isClosed) throw new Error('The table server is closed.');
    const { method, url, headers } = request;
    const replayed = Object.assign(Readable.from([Buffer.from(body)]), { method, url, headers });
    this.#listener(replayed as unknown as IncomingMessage, response);
  }

  #refuse(response: ServerResponse, refusal: keyof typeof REFUSALS): void {
    if (refusal === 'throttle') this.counters.throttled += 1;
    else this.counters.failed += 1;
    const { status, type } = REFUSALS[refusal];
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(
      JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${type}`, message: 'Refused on request.' }),
    );
  }

  #cut(response: ServerResponse): ServerResponse {
    this.counters.cut += 1;
    return answerWith(response, () => undefined);
  }
}

function addUnprocessed(response: ServerResponse, unprocessed: object): ServerResponse {
  return answerWith(response, (answer) =>
    response.statusCode === 200 ? JSON.stringify({ ...JSON.parse(answer), UnprocessedItems: unprocessed }) : answer,
  );
}

/** Changes what will be answered; undefined cuts the connection. */
function answerWith(response: ServerResponse, change: (answer: string) => string | undefined): ServerResponse {
  const end = response.end.bind(response) as (body: string) => ServerResponse;
  response.end = ((body: string) => {
    const changed = change(String(body));
    if (changed === undefined) return response.destroy();
    response.removeHeader('x-amz-crc32');
    response.setHeader('content-length', Buffer.byteLength(changed));
    return end(changed);
  }) as typeof response.end;
  return response;
}
