import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { TRY_ONCE } from '../builders/try-once.ts';

/** One request, in whichever of AWS's protocols it came. */
export interface AskedAction {
  readonly action: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** AWS with given answers: its query (XML), JSON and REST protocols, at one address. */
export interface AwsStub {
  /** For the SDK's clients. */
  readonly settings: {
    readonly region: string;
    readonly endpoint: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
    readonly maxAttempts: 1;
  };
  readonly asked: AskedAction[];
  /**
   * What `action` is answered from now on: a string is XML (for the query protocol, the inside of its result), anything
   * else JSON, a function is asked with the request's parameters. REST requests are called by method and path, such as
   * `GET /2015-03-31/functions/f`.
   */
  answer(action: string, body: unknown, status?: number): void;
  /** `action` is refused with this error. */
  refuse(action: string, code: string, message: string, status?: number): void;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly error?: { readonly code: string; readonly message: string };
}

/**
 * Starts an {@link AwsStub} on a free port. Actions without an answer are refused as `UnknownOperation`.
 *
 * @param identity Key and certificate, to speak TLS.
 */
export async function startAwsStub(identity?: Pick<ServerOptions, 'cert' | 'key'>): Promise<AwsStub> {
  const answers = new Map<string, Answer>();
  const asked: AskedAction[] = [];
  const respond: RequestListener = async (request, response) => {
    const body = await text(request);
    const url = new URL(request.url ?? '/', 'http://stub');
    const target = request.headers['x-amz-target'];
    const form = new URLSearchParams(body);
    const query = form.get('Action');
    const rest = `${request.method} ${decodeURIComponent(url.pathname)}${[...url.searchParams.keys()]
      .filter((name) => name !== 'x-id')
      .map((name) => `?${name}`)
      .join('')}`;
    const action = typeof target === 'string' ? (target.split('.').at(-1) ?? '') : (query ?? rest);
    const isJson = typeof target === 'string' || body.startsWith('{');
    const parameters = query ? Object.fromEntries(form) : isJson ? JSON.parse(body) : {};
    asked.push({ action, parameters });
    const given = answers.get(action) ?? unknown(action);
    const answer = typeof given.body === 'function' ? { ...given, body: await given.body(parameters) } : given;
    const { status, contentType, sent, headers } = written(answer, action, query !== null);
    response.writeHead(status, { 'content-type': contentType, ...headers }).end(sent);
  };
  const server = identity === undefined ? createServer(respond) : createTlsServer(identity, respond);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    settings: {
      endpoint: `${identity === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
      ...TRY_ONCE,
    },
    asked,
    answer: (action, body, status = 200) => void answers.set(action, { status, body }),
    refuse: (action, code, message, status = 403) =>
      void answers.set(action, { status, body: undefined, error: { code, message } }),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function unknown(action: string): Answer {
  return { status: 400, body: undefined, error: { code: 'UnknownOperation', message: `nothing to say of ${action}` } };
}

function written({ status, body, error }: Answer, action: string, isQuery: boolean) {
  if (error !== undefined) return refusal(status, error, isQuery, action);
  const headers = {};
  if (typeof body !== 'string') {
    return { status, contentType: 'application/json', sent: JSON.stringify(body), headers };
  }
  const sent = isQuery ? `<${action}Response><${action}Result>${body}</${action}Result></${action}Response>` : body;
  return { status, contentType: 'text/xml', sent, headers };
}

function refusal(
  status: number,
  { code, message }: { code: string; message: string },
  isQuery: boolean,
  action: string,
) {
  const fault = `<Code>${code}</Code><Message>${message}</Message>`;
  // S3 alone is REST with XML here.
  const isXml = isQuery || action.startsWith('GET /bucket');
  if (!isXml) {
    const sent = JSON.stringify({ __type: code, message });
    return { status, contentType: 'application/json', sent, headers: { 'x-amzn-errortype': code } };
  }
  const sent = isQuery ? `<ErrorResponse><Error>${fault}</Error></ErrorResponse>` : `<Error>${fault}</Error>`;
  return { status, contentType: 'text/xml', sent, headers: {} };
}
