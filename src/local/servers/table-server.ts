import type { IncomingHttpHeaders, IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import dynalite from 'dynalite';
import { systemClock } from '../../shared/clock.ts';
import { UploadLedgerError } from '../../shared/errors.ts';
import { refuseForeignPage } from '../../shared/foreign-page.ts';
import { callTable, changeAnswer, holdAnswer, replayCall } from './emulator-call.ts';
import { type OnCall, toTableCall } from './service-call.ts';
import {
  type CallFault,
  drawFaults,
  type NextFault,
  parseBatchWrite,
  splitBatchWrite,
  type TableFaults,
} from './table-faults.ts';
import { type ItemImage, type StreamedTable, TableStream, writtenKeys } from './table-stream.ts';

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
  #stream: TableStream | undefined;
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

  /** The stream of a table, from the first call on. Only one table has one. */
  openStream(table: StreamedTable): TableStream {
    this.#stream ??= new TableStream(table, () => systemClock.now());
    if (this.#stream.table.name !== table.name) throw new TypeError('The table server follows one table only.');
    return this.#stream;
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
      changeAnswer(response, () => undefined);
    }
    const { unprocessed: positions = [] } = fault;
    if (batch === undefined || positions.length === 0) return this.#pass(request, response, body);
    this.#counters.unprocessed += positions.length;
    const { taken, unprocessed } = splitBatchWrite(batch, positions);
    if (!fault.isCut) addUnprocessed(response, unprocessed.RequestItems);
    return this.#pass(request, response, JSON.stringify(taken));
  }

  /** Carries out a call. One that writes to a table with a stream is answered when the stream has its records. */
  async #pass({ method, url, headers }: IncomingMessage, response: ServerResponse, body: string): Promise<void> {
    const pass = () => {
      if (this.#isClosed) throw new Error('The table server is closed.');
      replayCall(this.#listener, { method, url, headers, body }, response);
    };
    const [, operation = ''] = String(headers['x-amz-target']).split('.');
    const stream = WRITES.includes(operation) ? this.#stream : undefined;
    const keys = stream === undefined ? [] : writtenKeys(stream.table, body);
    if (stream === undefined || keys.length === 0) return pass();
    const answer = holdAnswer(response);
    const read = () => this.#read(stream.table.name, keys, headers);
    const write = () => {
      pass();
      return answer.given;
    };
    await stream.follow(keys, read, write);
    answer.send();
  }

  async #read(table: string, Keys: readonly ItemImage[], headers: IncomingHttpHeaders): Promise<readonly ItemImage[]> {
    const call = { RequestItems: { [table]: { Keys, ConsistentRead: true } } };
    const answer = (await callTable(this.#listener, headers, 'BatchGetItem', call)) as TableItems | undefined;
    return answer?.Responses[table] ?? [];
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

/** The answer to BatchGetItem. */
interface TableItems {
  readonly Responses: Readonly<Record<string, readonly ItemImage[]>>;
}

function addUnprocessed(response: ServerResponse, unprocessed: object): void {
  changeAnswer(response, (answer) =>
    response.statusCode === 200 ? JSON.stringify({ ...JSON.parse(answer), UnprocessedItems: unprocessed }) : answer,
  );
}
