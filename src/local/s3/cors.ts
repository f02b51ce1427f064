import { isLoopbackOrigin } from '../../shared/foreign-page.ts';
import type { S3Refusal } from './xml.ts';

/** One rule of a bucket's CORS configuration. */
export interface CorsRule {
  /** Each with at most one `*`. */
  readonly allowedOrigins: readonly string[];
  readonly allowedMethods: readonly string[];
  /** Each with at most one `*`. */
  readonly allowedHeaders: readonly string[];
  readonly exposedHeaders: readonly string[];
  readonly maxAgeSeconds?: number;
}

/** What a page asks for. */
export interface CorsRequest {
  readonly origin: string;
  /** Of a preflight: the method that it asks about. */
  readonly method: string;
  /** That a preflight asks about. */
  readonly headers: readonly string[];
}

/**
 * For pages of this machine: the console uploads to the bucket from a port of its own, and so do applications under
 * development. On AWS they would need a rule.
 */
const LOCAL_PAGES: CorsRule = {
  allowedOrigins: ['http*'],
  allowedMethods: ['GET', 'HEAD', 'PUT', 'POST', 'DELETE'],
  allowedHeaders: ['*'],
  exposedHeaders: ['ETag', 'Content-Range', 'x-amz-request-id', 'x-amz-version-id', 'x-amz-checksum-crc32'],
  maxAgeSeconds: 3000,
};

/**
 * The first rule that admits the request, as S3 chooses it (S3 User Guide, "Testing CORS"); for a page of this machine
 * that no rule admits, one that does. `undefined`: the page is not let in.
 */
export function corsRuleFor(
  rules: readonly CorsRule[],
  { origin, method, headers }: CorsRequest,
): CorsRule | undefined {
  const all = isLoopbackOrigin(origin) ? [...rules, LOCAL_PAGES] : rules;
  return all.find(
    ({ allowedOrigins, allowedMethods, allowedHeaders }) =>
      allowedOrigins.some((pattern) => matches(pattern, origin)) &&
      allowedMethods.includes(method) &&
      headers.every((header) => allowedHeaders.some((pattern) => matches(pattern.toLowerCase(), header.toLowerCase()))),
  );
}

/** The headers of S3's answer under a rule, to a preflight and to the request itself, as recorded from AWS. */
export function corsHeaders(rule: CorsRule, { origin, headers }: CorsRequest): Record<string, string> {
  const { allowedOrigins, allowedMethods, exposedHeaders, maxAgeSeconds } = rule;
  const isAnyone = allowedOrigins.find((pattern) => matches(pattern, origin)) === '*';
  return {
    'access-control-allow-origin': isAnyone ? '*' : origin,
    ...(!isAnyone && { 'access-control-allow-credentials': 'true' }),
    'access-control-allow-methods': allowedMethods.join(', '),
    ...(headers.length > 0 && { 'access-control-allow-headers': headers.join(', ').toLowerCase() }),
    ...(exposedHeaders.length > 0 && { 'access-control-expose-headers': exposedHeaders.join(', ') }),
    ...(maxAgeSeconds !== undefined && { 'access-control-max-age': String(maxAgeSeconds) }),
    vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
  };
}

/** S3's answer to a preflight that is not admitted. */
export function preflightRefusal(rules: readonly CorsRule[], origin: string | undefined): S3Refusal {
  if (origin === undefined) {
    const message = 'Insufficient information. Origin request header needed.';
    return { status: 400, code: 'BadRequest', message };
  }
  const message =
    rules.length === 0
      ? 'CORSResponse: CORS is not enabled for this bucket.'
      : 'CORSResponse: This CORS request is not allowed: no rule of the bucket admits its Origin, Access-Control-Request-Method and Access-Control-Request-Headers.';
  return { status: 403, code: 'AccessForbidden', message };
}

/** At most one `*`, which stands for any number of characters. */
function matches(pattern: string, text: string): boolean {
  const [start = '', end] = pattern.split('*');
  if (end === undefined) return pattern === text;
  return text.length >= start.length + end.length && text.startsWith(start) && text.endsWith(end);
}
