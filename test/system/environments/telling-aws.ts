import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SERVER_IDENTITY } from './private-certificates.ts';

/** AWS, and what may answer in its place, on this machine. */
export interface TellingAws {
  /** Refuses each request with who asked, for which stack, in which Region. Below it `/expired`, `/page` and so on. */
  readonly endpoint: string;
  /** The same over TLS, with a certificate of the tests' private CA. */
  readonly secureEndpoint: string;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

const xml = (body: string, status: number): Answer => ({ status, type: 'text/xml', body });
const refusal = (code: string, message: string, status = 403): Answer =>
  xml(`<ErrorResponse><Error><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`, status);
const page = (title: string, status: number): Answer => ({
  status,
  type: 'text/html',
  body: `<html><head><title>${title}</title></head><body>${title}</body></html>`,
});

/** What is answered below a path, whatever is asked. */
const IN_PLACE_OF_AWS: Readonly<Record<string, Answer>> = {
  '/expired': refusal('ExpiredToken', 'The security token included in the request is expired'),
  '/unknown-key': refusal('InvalidClientTokenId', 'The security token included in the request is invalid.'),
  '/wrong-secret': refusal('SignatureDoesNotMatch', 'The request signature we calculated does not match'),
  '/late': refusal('RequestExpired', 'Request has expired.', 400),
  '/gateway': page('502 Bad Gateway', 502),
  '/blocked': page('Blocked by your company', 403),
  '/sign-in': page('Sign in to the network', 200),
  '/empty': { status: 503, type: 'text/plain', body: '' },
};

/** The access key id of every role. */
export const ROLE_KEY = 'ASIAROLE';

function assumed(action: string): Answer {
  const credentials = `<AccessKeyId>${ROLE_KEY}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>`;
  const result = `<${action}Result><Credentials>${credentials}</Credentials></${action}Result>`;
  return xml(`<${action}Response>${result}</${action}Response>`, 200);
}

async function answer(request: IncomingMessage): Promise<Answer> {
  const form = new URLSearchParams(await text(request));
  const fixed = IN_PLACE_OF_AWS[request.url?.replace(/\/$/, '') ?? ''];
  if (fixed !== undefined) return fixed;
  const action = form.get('Action') ?? '';
  if (action.startsWith('AssumeRole')) return assumed(action);
  const [, key, region] = /Credential=([^/]+)\/\d+\/([^/]+)/.exec(request.headers.authorization ?? '') ?? [];
  return refusal('AccessDenied', `${key} asks for ${form.get('StackName')} in ${region}`);
}

async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { status, type, body } = await answer(request);
  response.writeHead(status, { 'content-type': type }).end(body);
}

export async function startTellingAws(): Promise<TellingAws> {
  const servers: readonly Server[] = [createServer(respond), createTlsServer(SERVER_IDENTITY, respond)];
  const ports: number[] = [];
  for (const server of servers) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ports.push((server.address() as AddressInfo).port);
  }
  return {
    endpoint: `http://127.0.0.1:${ports[0]}`,
    secureEndpoint: `https://127.0.0.1:${ports[1]}`,
    close: async () => {
      for (const server of servers) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
}
