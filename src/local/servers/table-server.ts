import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import dynalite from 'dynalite';
import { systemClock } from '../../shared/clock.ts';
import { UploadLedgerError } from '../../shared/errors.ts';
import { refuseForeignPage } from '../../shared/foreign-page.ts';
import { type OnCall, toTableCall } from './service-call.ts';
import { type CallFault, drawFaults, type NextFault, type TableFaults, type WriteRequest } from './table-faults.ts';

export interface TableServerOptions {
  /** Directory that keeps the tables. @default in memory */
  readonly path?: string;
  /** @default a free one */
  readonly port?: number;
  readonly onCall?: OnCall;
}

/** What the server was asked, and what went wrong, since it started. */
interface TableCounters {
  batchWriteCalls: number;
  /** Puts and deletes in those calls. */
  batchWriteItems: number;
  /** Puts that came back unprocessed. */
  unprocessed: number;
  throttled: number;
  failed: number;
  cut: number;
}

const WRITES: readonly string[] = ['BatchWriteItem', 'DeleteItem', 'PutItem', 'UpdateItem'];
/** Those that faults are injected into. */
const ITEM_OPERATIONS: readonly string[] = [...WRITES, 'BatchGetItem', 'GetItem', 'Query', 'Scan'];

/** @throws UploadLedgerError `port-in-use` when something listens on the port already. */
export async function startTableServer({ path, port = 0, onCall }: TableServerOptions = {}): Promise<TableServer> {
  const server = dynalite({
    createTableMs: 0,
    updateTableMs: 0,
    deleteTableMs: 0,
    ...(path !== undefined && { path }),
  });
  const table = new TableServer(server, onCall);
  await table.listen(port);
  return table;
}

/** DynamoDB on 127.0.0.1, with faults on request: receives the requests to a dynalite server, and passes them on. */
export class TableServer {
  readonly #counters: TableCounters = {
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
  #nextFault: NextFault = () => undefined;
  #latencyMs = 0;
  #endpoint = '';
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

  async listen(port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (cause: NodeJS.ErrnoException) => {
        const message = `DynamoDB cannot listen on 127.0.0.1:${port} (${cause.code}): choose another --dynamodb-port.`;
        reject(new UploadLedgerError('port-in-use', message, { cause }));
      });
      this.#server.listen(port, '127.0.0.1', resolve);
    });
    this.#endpoint = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Such as `http://127.0.0.1:41234`. */
  get endpoint(): string {
    return this.#endpoint;
  }

  get counters(): Readonly<TableCounters> {
    return this.#counters;
  }

  /** Replaces the faults for all calls to come, drawn or decided call by call; without an argument there are none. */
  setFaults(faults: TableFaults | NextFault = {}): void {
    const isDecided = typeof faults === 'function';
    this.#nextFault = isDecided ? faults : drawFaults(faults);
    this.#latencyMs = isDecided ? 0 : (faults.latencyMs ?? 0);
  }

  /** Cuts every connection and closes the store. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const closed = new Promise<void>((resolve, reject) => {
      this.#server.close((error) => (error ? reject(error) : resolve()));
    });
    this.#server.closeAllConnections();
    await closed;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (refuseForeignPage(request, response)) return;
    // The emulator throws out of reach when a client breaks off or the store is closed: it gets only whole requests.
    const body = await text(request);
    const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    const signed = this.#onCall && toTableCall({ headers: request.headers, body }, operation);
    if (signed !== undefined) this.#onCall?.(signed);
    const batch = operation === 'BatchWriteItem' ? parseBatchWrite(body) : undefined;
    const requests = Object.values(batch?.RequestItems ?? {}).flat();
    if (batch !== undefined) {
      this.#counters.batchWriteCalls += 1;
      this.#counters.batchWriteItems += requests.length;
    }
    if (!ITEM_OPERATIONS.includes(operation)) return this.#pass(request, response, body);
    const nextFault = this.#nextFault;
    if (this.#latencyMs > 0) await systemClock.sleep(this.#latencyMs);
    const fault = nextFault({ operation, isWrite: WRITES.includes(operation), requests }) ?? {};
    if (fault.isIgnored) return;
    if (fault.error !== undefined) return this.#refuse(response, fault.error);
    if (fault.isCut) {
      this.#counters.cut += 1;
      answerWith(response, () => undefined);
    }
    const { unprocessed: positions = [] } = fault;
    if (batch === undefined || positions.length === 0) return this.#pass(request, response, body);
    this.#counters.unprocessed += positions.length;
    const { taken, unprocessed } = splitBatchWrite(batch, positions);
    if (!fault.isCut) addUnprocessed(response, unprocessed.RequestItems);
    return this.#pass(request, response, JSON.stringify(taken));
  }

  #pass(request: IncomingMessage, response: ServerResponse, body: string): void {
    if (this.#isClosed) throw new Error('The table server is closed.');
    const { method, url, headers } = request;
    const replayed = Object.assign(Readable.from([Buffer.from(body)]), { method, url, headers });
    this.#listener(replayed as unknown as IncomingMessage, response);
  }

  #refuse(response: ServerResponse, { status, type }: NonNullable<CallFault['error']>): void {
    if (status < 500) this.#counters.throttled += 1;
    else this.#counters.failed += 1;
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(
      JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${type}`, message: 'Refused on request.' }),
    );
  }
}

function addUnprocessed(response: ServerResponse, unprocessed: object): void {
  answerWith(response, (answer) =>
    response.statusCode === 200 ? JSON.stringify({ ...JSON.parse(answer), UnprocessedItems: unprocessed }) : answer,
  );
}

/** Changes what will be answered; undefined cuts the connection. */
function answerWith(response: ServerResponse, change: (answer: string) => string | undefined): void {
  const end = response.end.bind(response) as (body: string) => ServerResponse;
  response.end = ((body: string) => {
    const changed = change(String(body));
    if (changed === undefined) return response.destroy();
    response.removeHeader('x-amz-crc32');
    response.setHeader('content-length', Buffer.byteLength(changed));
    return end(changed);
  }) as typeof response.end;
}

/** The part of a BatchWriteItem call that matters here. */
interface BatchWrite {
  readonly RequestItems: Readonly<Record<string, readonly WriteRequest[]>>;
}

/** The call, or undefined for a body that is none: DynamoDB's own answer says what is wrong with it. */
export function parseBatchWrite(body: string): BatchWrite | undefined {
  try {
    const call = JSON.parse(body) as Partial<BatchWrite> | null;
    const tables: unknown[] = Object.values(call?.RequestItems ?? {});
    return tables.length > 0 && tables.every(Array.isArray) ? (call as BatchWrite) : undefined;
  } catch {
    // Not JSON.
    return undefined;
  }
}

/** Splits a call in two: what is to be carried out, and what comes back unprocessed. */
export function splitBatchWrite(
  call: BatchWrite,
  positions: readonly number[],
): Record<'taken' | 'unprocessed', BatchWrite> {
  const taken: Record<string, WriteRequest[]> = {};
  const unprocessed: Record<string, WriteRequest[]> = {};
  let position = 0;
  for (const [table, requests] of Object.entries(call.RequestItems)) {
    for (const request of requests) {
      const part = positions.includes(position++) ? unprocessed : taken;
      part[table] ??= [];
      part[table].push(request);
    }
  }
  return { taken: { ...call, RequestItems: taken }, unprocessed: { RequestItems: unprocessed } };
}
