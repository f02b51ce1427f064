import type { IncomingMessage } from 'node:http';
import { foreignPageError } from '../../shared/foreign-page.ts';
import { type CorsRequest, type CorsRule, corsHeaders, corsRuleFor, preflightRefusal } from '../s3/cors.ts';
import { refuse } from '../s3/edge.ts';
import { type EdgeRequest, type EmulatorApp, headerOf, noteReceivedAddress } from '../s3/request.ts';

/** Such as `s3`, `sqs.us-east-1` or `sns.eu-west-1`. No bucket is named after a service and a Region. */
const SERVICE_HOST = /^(s3|sqs|sns|sts)(\.[a-z]{2}-[a-z-]+-\d)?$/;
const VIRTUAL_HOST = /^(.+)\.(localhost(?::\d+)?)$/i;
/** Of `my.bucket.s3.localhost` and `my.bucket.s3.us-east-1.localhost`. */
const S3_SUFFIX = /(?<=.)\.s3(\.[a-z]{2}-[a-z-]+-\d)?$/;

/**
 * Rewrites every way to address the emulator into the one that it routes: a POST to the path of a queue URL, or to
 * `sqs.<region>.localhost`, becomes a POST to `/`; S3's virtual hosts become paths: `my.bucket.localhost/key` and
 * `my.bucket.s3.localhost/key` are `/my.bucket/key` (the emulator would take `my` for the bucket).
 */
export function normaliseAddress(request: IncomingMessage): void {
  noteReceivedAddress(request);
  const virtual = VIRTUAL_HOST.exec(request.headers.host ?? '');
  if (virtual !== null) request.headers.host = virtual[2];
  if (request.method === 'POST' && request.headers['x-amz-target'] !== undefined) {
    request.url = '/';
    return;
  }
  const subdomain = virtual?.[1] ?? '';
  if (subdomain === '' || SERVICE_HOST.test(subdomain)) return;
  request.url = `/${subdomain.replace(S3_SUFFIX, '')}${request.url ?? '/'}`;
}

/** CORS rules by bucket. */
type BucketCors = ReadonlyMap<string, readonly CorsRule[]>;

/**
 * Keeps pages of other sites out, and answers preflights.
 *
 * The server verifies few signatures, so any web page that reaches it could write to the bucket. Pages are let in to a
 * bucket alone, as its CORS rules say. S3 itself would carry out a form's POST of any page, because it is signed.
 */
export function installBrowserGuard(app: EmulatorApp, cors: BucketCors): void {
  app.addHook('onRequest', (request, reply, done) => {
    const { headers, method } = request;
    const isPreflight = method === 'OPTIONS';
    const bucket = bucketOf(request);
    const rules = cors.get(bucket ?? '') ?? [];
    const asked = (origin: string) => ({ origin, ...(isPreflight ? askedBy(request) : { method, headers: [] }) });
    const ruleFor = (origin: string) => (bucket === undefined ? undefined : corsRuleFor(rules, asked(origin)));
    const error = foreignPageError(request, { admits: (origin) => isPreflight || ruleFor(origin) !== undefined });
    if (error !== undefined) return refuse(reply, { status: 403, code: 'AccessDenied', message: error }, '');
    const origin = headerOf(headers, 'origin');
    const rule = origin === undefined ? undefined : ruleFor(origin);
    if (origin !== undefined && rule !== undefined) reply.headers(corsHeaders(rule, asked(origin)));
    if (!isPreflight) return done();
    if (rule === undefined) return refuse(reply, preflightRefusal(rules, origin), '');
    reply.code(200).send();
  });
}

/** The bucket that a request is for; no path is routed yet when the method is OPTIONS. */
function bucketOf({ method, url, params }: EdgeRequest): string | undefined {
  if (method === 'OPTIONS') return /^\/([^/?]+)/.exec(url)?.[1];
  return ((params ?? {}) as { readonly bucket?: string }).bucket;
}

/** What a preflight asks about. */
function askedBy({ headers }: EdgeRequest): Omit<CorsRequest, 'origin'> {
  const names = headerOf(headers, 'access-control-request-headers') ?? '';
  return {
    method: headerOf(headers, 'access-control-request-method') ?? '',
    headers: names.split(',').flatMap((name) => name.trim() || []),
  };
}
