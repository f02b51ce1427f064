import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { CreateTableCommand, DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { TABLE } from '../../src/contract/table.ts';

const dynalite = createRequire(import.meta.url)('dynalite') as (options: { createTableMs: number }) => Server;

export const TABLE_NAME = 'ledger';

interface PutRequest {
  readonly PutRequest: { readonly Item: Readonly<Record<string, { readonly S: string }>> };
}

/** What goes wrong with one BatchWriteItem request. */
export type Fault =
  | { readonly kind: 'unprocessed'; readonly positions: readonly number[] }
  | { readonly kind: 'error'; readonly status: number; readonly type: string }
  | { readonly kind: 'cut-after-write' }
  | { readonly kind: 'never-answers' };

export interface DynamoDBServer {
  readonly endpoint: string;
  /** A client of the server, with quick retries. */
  readonly client: DynamoDBClient;
  /** Decides about each BatchWriteItem request, given how many came before and how many puts it carries. */
  fault: (request: { readonly index: number; readonly puts: number }) => Fault | undefined;
  /** Puts of each BatchWriteItem request so far. */
  readonly requests: number[];
  /** Keys of the table's items, as `s3_object upload_id`, sorted. */
  storedKeys(): Promise<string[]>;
  close(): Promise<void>;
}

/** DynamoDB in this process on a free port, with the ledger's table (keys only), and unkind on request. */
export async function startDynamoDB(): Promise<DynamoDBServer> {
  const server = dynalite({ createTableMs: 0 });
  const [answer] = server.listeners('request') as [RequestListener];
  server.removeAllListeners('request');
  const requests: number[] = [];
  server.on('request', async (request: IncomingMessage, response: ServerResponse) => {
    if (!String(request.headers['x-amz-target']).endsWith('BatchWriteItem')) return answer(request, response);
    const body = await text(request);
    const puts = toPuts(body).length;
    requests.push(puts);
    const fault = running.fault({ index: requests.length - 1, puts });
    await respond({ request, response, body, answer, fault });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = clientOf(endpoint);
  await createTable(client);
  const running: DynamoDBServer = {
    endpoint,
    client,
    fault: () => undefined,
    requests,
    storedKeys: () => storedKeys(client),
    close: async () => {
      client.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return running;
}

export function clientOf(endpoint: string): DynamoDBClient {
  return new DynamoDBClient({
    endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    maxAttempts: 1,
  });
}

async function createTable(client: DynamoDBClient): Promise<void> {
  const keys = [TABLE.partitionKey, TABLE.sortKey];
  await client.send(
    new CreateTableCommand({
      TableName: TABLE_NAME,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: keys.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: [
        { AttributeName: TABLE.partitionKey, KeyType: 'HASH' },
        { AttributeName: TABLE.sortKey, KeyType: 'RANGE' },
      ],
    }),
  );
}

async function storedKeys(client: DynamoDBClient): Promise<string[]> {
  const keys: string[] = [];
  for await (const page of paginateScan({ client }, { TableName: TABLE_NAME })) {
    for (const item of page.Items ?? []) keys.push(`${item[TABLE.partitionKey]?.S} ${item[TABLE.sortKey]?.S}`);
  }
  return keys.sort();
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: string;
  readonly answer: RequestListener;
  readonly fault: Fault | undefined;
}

async function respond(exchange: Exchange): Promise<void> {
  const { response, body, fault } = exchange;
  switch (fault?.kind) {
    case undefined:
      return pass(exchange, body, (answered) => answered);
    case 'error':
      response.writeHead(fault.status, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${fault.type}`, message: 'injected' }));
      return;
    case 'never-answers':
      return;
    case 'cut-after-write':
      return pass(exchange, body, () => undefined);
    case 'unprocessed': {
      const puts = toPuts(body);
      const refused = puts.filter((_, position) => fault.positions.includes(position));
      const taken = puts.filter((_, position) => !fault.positions.includes(position));
      const unprocessed = JSON.stringify({ UnprocessedItems: refused.length > 0 ? { [TABLE_NAME]: refused } : {} });
      if (taken.length === 0) return void response.end(unprocessed);
      return pass(exchange, JSON.stringify({ RequestItems: { [TABLE_NAME]: taken } }), () => unprocessed);
    }
  }
}

/** Lets dynalite handle `body`, then answers with what `rewrite` makes of its answer, or cuts the connection. */
function pass(exchange: Exchange, body: string, rewrite: (answered: string) => string | undefined): void {
  const { request, response, answer } = exchange;
  const { method, url, headers } = request;
  const replayed = Object.assign(Readable.from([Buffer.from(body)]), { method, url, headers });
  const end = response.end.bind(response);
  response.end = ((answered: unknown) => {
    const rewritten = rewrite(String(answered));
    if (rewritten === undefined) return request.socket.destroy();
    response.setHeader('content-length', Buffer.byteLength(rewritten));
    response.removeHeader('x-amz-crc32');
    return end(rewritten);
  }) as typeof response.end;
  answer(replayed as unknown as IncomingMessage, response);
}

function toPuts(body: string): readonly PutRequest[] {
  return JSON.parse(body).RequestItems?.[TABLE_NAME] ?? [];
}
