import { isLoopbackHost, isLoopbackOrigin } from './address.ts';
import { type EdgeRequest, type EmulatorApp, headerOf } from './edge.ts';
import { refusalXml, type S3Refusal } from './s3-refusal.ts';

const METHODS = 'GET, HEAD, PUT, POST, DELETE';
const EXPOSED = 'ETag, Content-Length, Content-Range, Last-Modified, x-amz-request-id, x-amz-checksum-crc32';

/**
 * Lets pages of this machine upload, and keeps all other pages out.
 *
 * The emulator checks no signature, so any web page that reaches it could write to the bucket: requests whose Host is not
 * this machine (DNS rebinding) or whose Origin is another site are refused. A page opened from a file has the origin
 * `null`, which every sandboxed page has too: serve it from localhost instead.
 */
export function installBrowserGuard(app: EmulatorApp): void {
  app.addHook('onRequest', (request, reply, done) => {
    const refusal = foreignRefusal(request);
    if (refusal !== undefined) {
      reply.code(refusal.status).type('application/xml').send(refusalXml(refusal, ''));
      return;
    }
    const origin = headerOf(request.headers, 'origin');
    if (origin !== undefined) {
      reply.headers({
        'access-control-allow-origin': origin,
        'access-control-expose-headers': EXPOSED,
        vary: 'Origin',
      });
    }
    if (request.method !== 'OPTIONS') {
      done();
      return;
    }
    const wanted = headerOf(request.headers, 'access-control-request-headers') ?? '*';
    reply.headers({ 'access-control-allow-methods': METHODS, 'access-control-allow-headers': wanted });
    reply.header('access-control-max-age', '3000').code(200).send();
  });
}

function foreignRefusal({ headers }: EdgeRequest): S3Refusal | undefined {
  if (!isLoopbackHost(headers.host)) {
    return forbidden(
      `The local stack answers to localhost and 127.0.0.1 only, not to the host "${headers.host ?? ''}".`,
    );
  }
  const origin = headerOf(headers, 'origin');
  if (origin === undefined || isLoopbackOrigin(origin)) return undefined;
  return forbidden(`The local stack takes requests of pages from localhost only, not from "${origin}".`);
}

function forbidden(message: string): S3Refusal {
  return { status: 403, code: 'AccessDenied', message };
}
