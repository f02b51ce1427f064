import { BatchWriteItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { bytesOf } from './bytes-of.ts';
import { makeRequestOnce } from './one-request.ts';

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
