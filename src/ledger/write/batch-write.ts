import { Readable } from 'node:stream';
import { BatchWriteItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { TABLE } from '../../contract/table.ts';
import { toPutRequest } from '../item.ts';
import type { LedgerRecord } from '../record.ts';
import type { RecordKey } from '../record-key.ts';

/**
 * Sends one BatchWriteItem call and resolves with the keys of the records that DynamoDB did not process.
 *
 * @param records 1 to 25, with different keys.
 * @param signal Aborts the call when the invocation runs out of time.
 * @throws whatever the call failed with, after the sender's own retries, under DynamoDB's name for the error.
 */
export type SendPuts = (records: readonly LedgerRecord[], signal: AbortSignal) => Promise<readonly RecordKey[]>;

/**
 * One string a record: equal exactly when DynamoDB would see the same key. The length in front keeps two pairs apart
 * whatever characters they hold.
 */
export function toKeyText({ s3_object, upload_id }: RecordKey): string {
  return `${s3_object.length}:${s3_object}${upload_id}`;
}

interface Answer {
  readonly UnprocessedItems?: Readonly<Record<string, readonly Write[]>>;
}

interface Write {
  readonly PutRequest?: { readonly Item?: Readonly<Record<string, { readonly S?: string }>> };
}

/**
 * The sender that the consumer uses: BatchWriteItem through the plain client, with a body that is serialised here.
 *
 * @throws TypeError when the answer does not say what was processed: DynamoDB always sends `UnprocessedItems`, empty when there
 *   are none (API reference of BatchWriteItem).
 */
export function openBatchWrite(client: DynamoDBClient, tableName: string): SendPuts {
  const call = openBatchWriteCall(client, tableName);
  return async (records, signal) => {
    const answer = (await call(toBody(tableName, records), signal)) as Answer | null | undefined;
    if (typeof answer?.UnprocessedItems !== 'object') {
      throw new TypeError(
        'Expected UnprocessedItems in the answer to BatchWriteItem; got none, so nothing counts as stored.',
      );
    }
    return Object.values(answer.UnprocessedItems).flat().map(toKey);
  };
}

/** What the SDK writes for the same puts; it keeps the order of a record's attributes, whatever that is. */
function toBody(tableName: string, records: readonly LedgerRecord[]): string {
  return JSON.stringify({ RequestItems: { [tableName]: records.map(toPutRequest) } });
}

/** A write without a put, or an item without a key, gives a key that no record has, so that the answer is refused. */
function toKey({ PutRequest }: Write): RecordKey {
  const item = PutRequest?.Item ?? {};
  return { s3_object: item[TABLE.partitionKey]?.S ?? '', upload_id: item[TABLE.sortKey]?.S ?? '' };
}

/** Makes one BatchWriteItem call: takes its serialised body, resolves with DynamoDB's answer as it was parsed from JSON. */
export type BatchWriteCall = (body: string, abortSignal: AbortSignal) => Promise<unknown>;

/** Steps that do nothing for a call of ours: the name of the SDK and its features, an empty log, X-Ray's header. */
const LEFT_OUT = ['getUserAgentMiddleware', 'loggerMiddleware', 'recursionDetectionMiddleware'];

/** What a call of ours adds to the input of its command. */
interface Call {
  readonly body: string;
  readonly abortSignal: AbortSignal;
  answer?: unknown;
}

type CallOf = (input: object) => Call;
type Steps = DynamoDBClient['middlewareStack'];
type Connection = DynamoDBClient['config']['requestHandler'];
type Request = Parameters<Connection['handle']>[0];

/**
 * Prepares BatchWriteItem calls through `client`.
 *
 * They go through a copy of the client's own steps: credentials, signature, retries, connections and errors stay the SDK's. Replaced is
 * what costs most and gives nothing here: the SDK walks a schema for every attribute that is sent, builds its chain of steps, asks
 * for the endpoint and makes a request anew for each call, and reads answers through two streams and another schema.
 *
 * @param tableName Goes into the command's input, where the SDK looks for the owner's account.
 */
export function openBatchWriteCall(client: DynamoDBClient, tableName: string): BatchWriteCall {
  const calls = new WeakMap<object, Call>();
  const callOf: CallOf = (input) => calls.get(input) as Call;
  const steps = client.middlewareStack.clone();
  for (const name of LEFT_OUT) steps.remove(name);
  makeRequestOnce(steps, (input) => callOf(input).body);
  readAnswers(steps, client.config.requestHandler, callOf);
  // Stryker disable next-line ArrayDeclaration: nobody looks at the puts of the input; those that are sent stand in the body.
  const input = () => ({ RequestItems: { [tableName]: [] } });
  const send = new BatchWriteItemCommand(input()).resolveMiddleware(steps, client.config, {});
  return async (body, abortSignal) => {
    const own = input();
    const call: Call = { body, abortSignal };
    calls.set(own, call);
    await send({ input: own });
    return call.answer;
  };
}

/**
 * Sends the request in the place of the SDK's last two steps: of all calls of the chain its connection would get one signal, and its
 * deserializer is left with the errors, for which it is handed the answer.
 */
function readAnswers(steps: Steps, connection: Connection, callOf: CallOf): void {
  const output = () => ({ $metadata: {} });
  steps.add(
    (next) => async (args) => {
      const call = callOf(args.input);
      const { abortSignal } = call;
      const { response } = await connection.handle(args.request as Request, { abortSignal });
      if (response.statusCode !== 200) return next({ ...args, request: response });
      call.answer = JSON.parse(String(await bytesOf(response.body)));
      return { response, output: output() };
    },
    // Stryker disable next-line StringLiteral: the types admit no word but those of the SDK, which promises nothing for others.
    { step: 'deserialize', priority: 'high' },
  );
  steps.add(
    () =>
      async ({ request: response }) => ({ response, output: output() }),
    // Stryker disable next-line StringLiteral: as above.
    { step: 'deserialize', priority: 'low' },
  );
}

type Step = Parameters<Steps['addRelativeTo']>[0];

interface Arguments {
  readonly input: object;
  readonly request?: unknown;
}

type Send = (args: Arguments) => Promise<unknown>;

/** An HTTP request of the SDK's, as far as it is looked at here. */
interface Request2 {
  readonly headers: Readonly<Record<string, string>>;
}

/** The SDK's step after which credentials are known and before which nothing else is, and the one with which tries begin. */
const AFTER = 'httpAuthSchemeMiddleware';
const BEFORE = 'retryMiddleware';

/**
 * Adds two steps to those of a chain of which all calls are equal but for their bodies: the first call lets the SDK find its endpoint and
 * make a request, and every call sends a copy of that request with its own body. Credentials, retries and signatures stay each
 * call's own.
 *
 * Measured for a call of 25 records: a third of its processor time, as the SDK copies its whole configuration three times to get there.
 *
 * @param bodyOf Gives the body of a call by the input of its command.
 */
export function makeRequestOnce(steps: Steps, bodyOf: (input: object) => string): void {
  let made: { readonly request: Request2; readonly send: Send } | undefined;
  const useMade = (next: Send) => (args: Arguments) =>
    made === undefined ? next(args) : made.send({ ...args, request: withBody(made.request, bodyOf(args.input)) });
  const keepMade = (send: Send) => (args: Arguments) => {
    const request = args.request as Request2;
    made = { request, send };
    return send({ ...args, request: withBody(request, bodyOf(args.input)) });
  };
  steps.addRelativeTo(useMade as Step, { name: 'useMadeRequest', relation: 'after', toMiddleware: AFTER });
  steps.addRelativeTo(keepMade as Step, { name: 'keepMadeRequest', relation: 'before', toMiddleware: BEFORE });
}

function withBody(request: Request2, body: string): Request2 & { readonly body: string } {
  return { ...request, headers: { ...request.headers, 'content-length': String(Buffer.byteLength(body)) }, body };
}

/**
 * Everything that a response's body holds. Listening costs a fraction of what iterating or piping does.
 *
 * @throws whatever the stream failed with; ECONNRESET, which the SDK retries, when it ended too early.
 */
export function bytesOf(body: unknown): Promise<Buffer> {
  if (!(body instanceof Readable)) return Promise.resolve(Buffer.from(body as Uint8Array));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    body.on('data', (chunk: Buffer) => chunks.push(chunk));
    body.once('end', () => resolve(Buffer.concat(chunks)));
    body.once('error', reject);
    body.once('close', () => reject(Object.assign(new Error('The answer was cut off.'), { code: 'ECONNRESET' })));
  });
}
