import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { UploadLedgerError } from '../../shared/errors.ts';
import { refuseForeignPage } from '../../shared/foreign-page.ts';
import { element } from '../s3/xml.ts';
import type { OnCall } from './service-call.ts';
import { toMailCall } from './service-call.ts';

/** An email as the emulator keeps it. */
export interface ReceivedEmail {
  readonly messageId: string;
  readonly from: string;
  readonly replyTo: readonly string[];
  readonly destination: {
    readonly to: readonly string[];
    readonly cc: readonly string[];
    readonly bcc: readonly string[];
  };
  readonly subject: string;
  readonly body: { readonly html?: string; readonly text?: string };
  readonly headers?: readonly { readonly name: string; readonly value: string }[];
  /** Epoch seconds. */
  readonly at: number;
}

/** SES on 127.0.0.1, with an inbox page at its endpoint. */
export interface MailServer {
  /** Such as `http://127.0.0.1:41234`: the API for SDK clients, the inbox for browsers. */
  readonly endpoint: string;
  /** Emails received so far, oldest first. */
  emails(): Promise<ReceivedEmail[]>;
  /** While SES is down, it answers every call of its API with 503; the inbox still opens. */
  setDown(isDown: boolean): void;
  close(): Promise<void>;
}

interface MailServerOptions {
  /** @default a free one */
  readonly port?: number;
  readonly onCall?: OnCall;
}

/** The inbox page shows an email's HTML, which may load nothing from elsewhere and send nothing there. */
const INBOX_POLICY =
  "default-src 'self' 'unsafe-inline' data: blob:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'";

/** The actions of SES's first API that the emulator knows. It never answers another. */
const V1_ACTIONS: readonly unknown[] = ['SendEmail', 'SendRawEmail'];

/**
 * Starts an SES emulator.
 *
 * It keeps its emails in the module: servers of one process share them, and a closed server leaves them. Emails leave
 * the machine only when the emulator's variable SMTP_TRANSPORT names a mail server.
 *
 * @throws UploadLedgerError `mail-server` when the port is taken.
 */
export async function startMailServer({ port = 0, onCall }: MailServerOptions = {}): Promise<MailServer> {
  // It takes most of half a second to load: not before it is needed. `require`, because loaders disagree on what the
  // default import of a CommonJS module with a default of its own is.
  const emulator = createRequire(import.meta.url)('aws-ses-v2-local') as typeof import('aws-ses-v2-local');
  const server = await emulator.default({ host: '127.0.0.1', port });
  if (!server.listening) {
    const message = `The mail server cannot listen on 127.0.0.1:${port}: choose another port.`;
    throw new UploadLedgerError('mail-server', message);
  }
  let isDown = false;
  watch(server, () => isDown, onCall);
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    endpoint,
    emails: () => readEmails(endpoint),
    setDown: (down) => {
      isDown = down;
    },
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Stands before the emulator: keeps pages of other sites out, reports calls, and answers what the emulator would not. */
function watch(server: Server, isDown: () => boolean, onCall?: OnCall): void {
  const [listener] = server.listeners('request');
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    if (refuseForeignPage(request, response)) return;
    response.setHeader('content-security-policy', INBOX_POLICY);
    const isApi = request.method !== 'GET' || request.url?.startsWith('/v2/');
    if (isApi && isDown()) {
      request.resume();
      return answerError(response, 503, 'Receiver', 'ServiceUnavailable', 'SES is down on request.');
    }
    if (isApi) readBeside(request, (body) => take(body, request, response, onCall));
    return (listener as RequestListener)(request, response);
  });
}

/** Reads the body beside the emulator, which reads it too. */
function readBeside(request: IncomingMessage, onBody: (body: string) => void): void {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => onBody(Buffer.concat(parts).toString()));
}

function take(body: string, { method, url, headers }: IncomingMessage, response: ServerResponse, onCall?: OnCall) {
  const call = toMailCall({ headers, body });
  if (call !== undefined) onCall?.(call);
  // The emulator refuses a call without a signature itself.
  if (method !== 'POST' || url !== '/' || !headers.authorization?.startsWith('AWS')) return;
  const action = new URLSearchParams(body).get('Action');
  if (V1_ACTIONS.includes(action)) return;
  const message = `The local stack does not implement ${action ?? 'a request without an Action'}: nothing was changed.`;
  answerError(response, 400, 'Sender', 'InvalidAction', message);
}

/** An error as SES's first API writes it. */
function answerError(response: ServerResponse, status: number, type: string, code: string, message: string): void {
  const error = element('Type', type) + element('Code', code) + element('Message', message);
  response.writeHead(status, { 'content-type': 'text/xml' });
  response.end(
    `<ErrorResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><Error>${error}</Error></ErrorResponse>`,
  );
}

/** Emails that the emulator at `endpoint`, of this or another process, has received so far, oldest first. */
export async function readEmails(endpoint: string): Promise<ReceivedEmail[]> {
  const response = await fetch(`${endpoint}/store`);
  return ((await response.json()) as { emails: ReceivedEmail[] }).emails;
}
