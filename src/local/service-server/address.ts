import type { IncomingMessage } from 'node:http';

const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;
const VIRTUAL_HOST = /^(.+)\.(localhost(?::\d+)?)$/i;

/** Whether a Host header names this machine. Anything else is a page that rebinds its own name to 127.0.0.1. */
export function isLoopbackHost(host: string | undefined): boolean {
  return host !== undefined && LOOPBACK.test(host);
}

/** Whether a browser's Origin header is a page served by this machine. */
export function isLoopbackOrigin(origin: string): boolean {
  const [scheme, host] = origin.split('://');
  return (scheme === 'http' || scheme === 'https') && isLoopbackHost(host);
}

/**
 * Brings every way to address the emulator down to one, before it routes the request.
 *
 * SQS clients may post to the path of the queue URL, or to `sqs.<region>.localhost`: both become a POST to `/`. S3's
 * virtual hosts become paths: `my.bucket.localhost/key` is `/my.bucket/key` (the emulator would take `my` for the
 * bucket).
 */
export function normaliseAddress(request: IncomingMessage): void {
  const virtual = VIRTUAL_HOST.exec(request.headers.host ?? '');
  if (virtual !== null) request.headers.host = virtual[2];
  if (request.method === 'POST' && request.headers['x-amz-target'] !== undefined) {
    request.url = '/';
    return;
  }
  const subdomain = virtual?.[1] ?? '';
  if (subdomain !== '' && !isServiceHost(subdomain)) request.url = `/${subdomain}${request.url ?? '/'}`;
}

/** Such as `s3`, `sqs.us-east-1` or `sns.eu-west-1`: bucket names cannot hold the service's name alone before a Region. */
function isServiceHost(subdomain: string): boolean {
  return /^(s3|sqs|sns|sts)(\.[a-z]{2}-[a-z-]+-\d)?$/.test(subdomain);
}
