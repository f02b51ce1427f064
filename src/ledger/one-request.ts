import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

type Steps = DynamoDBClient['middlewareStack'];
type Step = Parameters<Steps['addRelativeTo']>[0];

interface Arguments {
  readonly input: object;
  readonly request?: unknown;
}

type Send = (args: Arguments) => Promise<unknown>;

/** An HTTP request of the SDK's, as far as it is looked at here. */
interface Request {
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
  let made: { readonly request: Request; readonly send: Send } | undefined;
  const useMade = (next: Send) => (args: Arguments) =>
    made === undefined ? next(args) : made.send({ ...args, request: withBody(made.request, bodyOf(args.input)) });
  const keepMade = (send: Send) => (args: Arguments) => {
    const request = args.request as Request;
    made = { request, send };
    return send({ ...args, request: withBody(request, bodyOf(args.input)) });
  };
  steps.addRelativeTo(useMade as Step, { name: 'useMadeRequest', relation: 'after', toMiddleware: AFTER });
  steps.addRelativeTo(keepMade as Step, { name: 'keepMadeRequest', relation: 'before', toMiddleware: BEFORE });
}

function withBody(request: Request, body: string): Request & { readonly body: string } {
  return { ...request, headers: { ...request.headers, 'content-length': String(Buffer.byteLength(body)) }, body };
}
