import type { IncomingMessage } from 'node:http';
import { refuse } from '../s3/edge.ts';
import { type EdgeRequest, type EmulatorApp, headerOf } from '../s3/request.ts';
import type { S3Refusal } from '../s3/xml.ts';

/** A Host header that names this machine. Any other name is a page that rebinds its own name to 127.0.0.1. */
const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;
/** Such as `s3`, `sqs.us-east-1` or `sns.eu-west-1`. No bucket is named after a service and a Region. */
const SERVICE_HOST = /^(s3|sqs|sns|sts)(\.[a-z]{2}-[a-z-]+-\d)?$/;
const VIRTUAL_HOST = /^(.+)\.(localhost(?::\d+)?)$/i;

/** Whether a browser's Origin header is a page served by this machine. */
function isLoopbackOrigin(origin: string): boolean {
  const [scheme, host = ''] = origin.split('://');
  return (scheme === 'http' || scheme === 'https') && LOOPBACK.test(host);
}

/**
 * Rewrites every way to address the emulator into the one that it routes: a POST to the path of a queue URL, or to
 * `sqs.<region>.localhost`, becomes a POST to `/`; S3's virtual hosts become paths: `my.bucket.localhost/key` is
 * `/my.bucket/key` (the emulator would take `my` for the bucket).
 */
export function normaliseAddress(request: IncomingMessage): void {
  const virtual = VIRTUAL_HOST.exec(request.headers.host ?? '');
  if (virtual !== null) request.headers.host = virtual[2];
  if (request.method === 'POST' && request.headers['x-amz-target'] !== undefined) {
    request.url = '/';
    return;
  }
  const subdomain = virtual?.[1] ?? '';
  if (subdomain !== '' && !SERVICE_HOST.test(subdomain)) request.url = `/${subdomain}${request.url ?? '/'}`;
}

const METHODS = 'GET, HEAD, PUT, POST, DELETE';
const EXPOSED = 'ETag, Content-Length, Content-Range, Last-Modified, x-amz-request-id, x-amz-checksum-crc32';

/**
 * Lets pages of this machine upload, and keeps all other pages out.
 *
 * The emulator checks no signature, so any web page that reaches it could write to the bucket: requests whose Host is
 * not this machine (DNS rebinding) or whose Origin is another site are refused. A page opened from a file has the
 * origin `null`, which every sandboxed page has too: serve it from localhost instead.
 */
export function installBrowserGuard(app: EmulatorApp): void {
  app.addHook('onRequest', (request, reply, done) => {
    const refusal = foreignRefusal(request);
    if (refusal !== undefined) return refuse(reply, refusal, '');
    const origin = headerOf(request.headers, 'origin');
    if (origin !== undefined) {
      reply.headers({
        'access-control-allow-origin': origin,
        'access-control-expose-headers': EXPOSED,
        vary: 'Origin',
      });
    }
    if (request.method !== 'OPTIONS') return done();
    const wanted = headerOf(request.headers, 'access-control-request-headers') ?? '*';
    reply.headers({ 'access-control-allow-methods': METHODS, 'access-control-allow-headers': wanted });
    reply.header('access-control-max-age', '3000').code(200).send();
  });
}

function foreignRefusal({ headers }: EdgeRequest): S3Refusal | undefined {
  const [host, origin] = [headers.host ?? '', headerOf(headers, 'origin')];
  if (!LOOPBACK.test(host)) {
    return forbidden(`The local stack answers to localhost and 127.0.0.1 only, not to the host "${host}".`);
  }
  if (origin === undefined || isLoopbackOrigin(origin)) return undefined;
  return forbidden(`The local stack takes requests of pages from localhost only, not from "${origin}".`);
}

function forbidden(message: string): S3Refusal {
  return { status: 403, code: 'AccessDenied', message };
}
