/**
 * Verifies what S3 lets others carry out: presigned URLs and the policies of upload forms.
 *
 * Their signature says which headers, which length and which fields the signer has allowed, so that only its verification
 * refuses a body of another length or type. Any access key id is admitted (it names the uploader); all have one secret
 * access key, the stack's own. Of the scope only the date and the service are compared: any Region may sign.
 *
 * Not verified: the Authorization header and the signatures of chunks, whose signer is the sender itself.
 */
import { createHash, createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { unescape as percentDecode } from 'node:querystring';
import { DAY_SECONDS, MINUTE_MS, SECOND_MS } from '../../shared/time.ts';
import { LOCAL_CREDENTIALS } from '../identity.ts';
import { headerOf, type Parameters, type ReceivedAddress } from './request.ts';
import { invalidArgument, type S3Refusal } from './xml.ts';

/** The parts of a request that its signature covers. */
interface SignedRequest {
  readonly method: string;
  /** As sent. */
  readonly headers: IncomingHttpHeaders;
  readonly received: ReceivedAddress;
  /** Path and query, path-style. */
  readonly url: string;
}

/** Of a presigned URL (S3 API Reference, "Authenticating Requests: Using Query Parameters"). */
const MAX_LIFETIME_SECONDS = 7 * DAY_SECONDS;
/** How far a signer's clock may be ahead (S3 API Reference, `RequestTimeTooSkewed`). */
const MAX_SKEW_MS = 15 * MINUTE_MS;
const V4_PARAMETERS = ['Algorithm', 'Credential', 'Signature', 'Date', 'SignedHeaders', 'Expires'];
const V2_PARAMETERS = ['Signature', 'Expires', 'AWSAccessKeyId'];

/** Why a presigned URL is not valid at `now` (milliseconds since 1970); undefined when it is, or there is none. */
export function presignedRefusal(request: SignedRequest, query: Parameters, now: number): S3Refusal | undefined {
  const isV4 = V4_PARAMETERS.some((name) => `X-Amz-${name}` in query);
  const isV2 = !isV4 && (query.AWSAccessKeyId !== undefined || query.Signature !== undefined);
  if (!isV4 && !isV2) return undefined;
  if (request.headers.authorization !== undefined) {
    return invalidArgument('Only one auth mechanism allowed: the query and the Authorization header both have one.');
  }
  return isV4 ? refusalV4(request, query, now) : refusalV2(request, query, now);
}

function refusalV4(request: SignedRequest, query: Parameters, now: number): S3Refusal | undefined {
  const missing = V4_PARAMETERS.filter((name) => query[`X-Amz-${name}`] === undefined);
  if (missing.length > 0) return invalidParameters(`X-Amz-${missing.join(', X-Amz-')} must be in the query too.`);
  const { 'X-Amz-Credential': credential = '', 'X-Amz-Date': date = '', 'X-Amz-Expires': expires = '' } = query;
  const signedAt = parseAmzDate(date);
  const lifetime = /^\d{1,6}$/.test(expires) ? Number(expires) : Number.NaN;
  if (signedAt === undefined || !(lifetime <= MAX_LIFETIME_SECONDS)) {
    const range = `from 0 to ${MAX_LIFETIME_SECONDS} seconds`;
    return invalidParameters(`X-Amz-Date must be like 20260131T235959Z and X-Amz-Expires ${range}.`);
  }
  if (scopeOf(credential)?.date !== date.slice(0, 8) || query['X-Amz-Algorithm'] !== 'AWS4-HMAC-SHA256') {
    const example = `<access key id>/${date.slice(0, 8)}/<Region>/s3/aws4_request`;
    return invalidParameters(`X-Amz-Algorithm must be AWS4-HMAC-SHA256 and X-Amz-Credential like ${example}.`);
  }
  if (signedAt > now + MAX_SKEW_MS) return denied('Request is not valid yet');
  return (
    expiryRefusal(signedAt + lifetime * SECOND_MS, now) ?? unsignedHeaders(request, query) ?? mismatchV4(request, query)
  );
}

function invalidParameters(message: string): S3Refusal {
  return { status: 400, code: 'AuthorizationQueryParametersError', message };
}

function denied(message: string, details: Readonly<Record<string, string>> = {}): S3Refusal {
  return { status: 403, code: 'AccessDenied', message, details };
}

function expiryRefusal(expiresAt: number, now: number): S3Refusal | undefined {
  if (now <= expiresAt) return undefined;
  const expires = Number.isFinite(expiresAt) ? { Expires: new Date(expiresAt).toISOString() } : {};
  return denied('Request has expired', { ...expires, ServerTime: new Date(now).toISOString() });
}

/** `20260131T235959Z` as milliseconds since 1970. */
function parseAmzDate(text: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second] = match;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

/** Every `x-amz-*` header must be signed; S3 leaves the payload's hash alone, as recorded from AWS by LocalStack. */
function unsignedHeaders({ headers }: SignedRequest, query: Parameters): S3Refusal | undefined {
  const signed = signedHeadersOf(query);
  const isUnsigned = (name: string) => /^x-amz-(?!content-sha256$)/.test(name) && !signed.includes(name);
  const names = Object.keys(headers).filter(isUnsigned);
  if (names.length === 0) return undefined;
  const message = 'There were headers present in the request which were not signed';
  return denied(message, { HeadersNotSigned: names.join(', ') });
}

function signedHeadersOf(query: Parameters): readonly string[] {
  return (query['X-Amz-SignedHeaders'] ?? '').toLowerCase().split(';');
}

function mismatchV4(request: SignedRequest, query: Parameters): S3Refusal | undefined {
  const { 'X-Amz-Credential': credential = '', 'X-Amz-Date': date = '', 'X-Amz-Signature': provided = '' } = query;
  const canonical = canonicalRequest(request, query);
  const hash = createHash('sha256').update(canonical, 'latin1').digest('hex');
  const scope = credential.split('/').slice(-4).join('/');
  const text = ['AWS4-HMAC-SHA256', date, scope, hash].join('\n');
  if (signatureV4(credential, text) === provided) return undefined;
  return mismatch(provided, { StringToSign: text, CanonicalRequest: canonical });
}

/** Header values stay as Node reads them, one byte a character. */
function canonicalRequest({ method, headers, received }: SignedRequest, query: Parameters): string {
  const [path = '', ...rest] = received.url.split('?');
  const hoisted = Object.fromEntries(Object.entries(query).map(([name, value]) => [name.toLowerCase(), value]));
  const headerValue = (name: string) =>
    name === 'host' ? received.host : (headerOf(headers, name) ?? hoisted[name] ?? '');
  const signed = signedHeadersOf(query);
  return [
    method,
    path.split('/').map(reencode).join('/'),
    canonicalQuery(rest.join('?')),
    ...signed.map((name) => `${name}:${headerValue(name).trim().replace(/ +/g, ' ')}`),
    '',
    signed.join(';'),
    headerValue('x-amz-content-sha256') || 'UNSIGNED-PAYLOAD',
  ].join('\n');
}

function canonicalQuery(query: string): string {
  const pairs = query.split('&').map((pair) => {
    const [name = '', ...value] = pair.replaceAll('+', ' ').split('=');
    return [reencode(name), reencode(value.join('='))] as const;
  });
  const signed = pairs.filter(([name]) => name !== '' && name !== 'X-Amz-Signature');
  // By name, then by value: joined, `a-b=` would come before `a=`.
  const order = ([name, value]: readonly [string, string]) => `${name}\0${value}`;
  const sorted = signed.toSorted((left, right) => (order(left) < order(right) ? -1 : 1));
  return sorted.map((pair) => pair.join('=')).join('&');
}

/** Percent-encoded as signers do it, however the sender has done it. */
function reencode(text: string): string {
  const escaped = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(percentDecode(text)).replace(/[!'()*]/g, escaped);
}

/** Of `<access key id>/<date>/<Region>/s3/aws4_request`. */
function scopeOf(credential: string): { date: string; region: string } | undefined {
  const [date, region, service, end] = credential.split('/').slice(-4);
  if (date === undefined || region === undefined || service !== 's3' || end !== 'aws4_request') return undefined;
  return { date, region };
}

/** S3 API Reference, "Authenticating Requests (AWS Signature Version 4)". */
function signatureV4(credential: string, text: string): string {
  const { date, region } = scopeOf(credential) ?? { date: '', region: '' };
  const hmac = (key: string | Buffer, value: string) => createHmac('sha256', key).update(value).digest();
  const secret = `AWS4${LOCAL_CREDENTIALS.secretAccessKey}`;
  const key = [date, region, 's3', 'aws4_request'].reduce<string | Buffer>(hmac, secret);
  return hmac(key, text).toString('hex');
}

function mismatch(provided: string, details: Readonly<Record<string, string>>): S3Refusal {
  const secret = `The local stack's secret access key is "${LOCAL_CREDENTIALS.secretAccessKey}" for every access key id.`;
  const message = `The request signature we calculated does not match the signature you provided. Check your key and signing method. ${secret}`;
  const all = { SignatureProvided: provided, ...details };
  return { status: 403, code: 'SignatureDoesNotMatch', message, details: all };
}

/** Sub-resources and overrides that version 2 signs. The AWS command line and boto3 still presign with it for us-east-1. */
const SIGNED_BY_V2 =
  /^(accelerate|acl|cors|delete|lifecycle|location|logging|notification|partNumber|policy|requestPayment|tagging|torrent|uploadId|uploads|versionId|versioning|versions|website|response-[\w-]+)$/;

function refusalV2(request: SignedRequest, query: Parameters, now: number): S3Refusal | undefined {
  if (V2_PARAMETERS.some((name) => query[name] === undefined)) {
    return denied('Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters');
  }
  const expired = expiryRefusal(Number(query.Expires) * SECOND_MS, now);
  if (expired !== undefined) return expired;
  const text = stringToSignV2(request, query);
  return signatureV2(text) === query.Signature ? undefined : mismatch(query.Signature ?? '', { StringToSign: text });
}

/** boto puts the signed headers into the query; they count there as headers. */
function stringToSignV2({ method, headers, url }: SignedRequest, query: Parameters): string {
  const headerValue = (name: string) => headerOf(headers, name) ?? query[name] ?? '';
  const names = [...Object.keys(headers), ...Object.keys(query)].filter((name) => name.startsWith('x-amz-'));
  const amz = [...new Set(names)].sort().map((name) => `${name}:${headerValue(name).trim()}\n`);
  const signed = Object.entries(query).filter(([name]) => SIGNED_BY_V2.test(name));
  const resources = signed.map(([name, value]) => (value === '' ? name : `${name}=${value}`)).sort();
  const resource = `${url.split('?')[0]}${resources.length > 0 ? `?${resources.join('&')}` : ''}`;
  const fixed = [method, headerValue('content-md5'), headerValue('content-type'), query.Expires ?? ''];
  return `${fixed.join('\n')}\n${amz.join('')}${resource}`;
}

function signatureV2(text: string): string {
  return createHmac('sha1', LOCAL_CREDENTIALS.secretAccessKey).update(text).digest('base64');
}

/** Why the signature of a form's policy does not hold; undefined when it does. @param fields names in lower case */
export function policySignatureRefusal(fields: Parameters): S3Refusal | undefined {
  const { policy = '', signature, 'x-amz-signature': signatureOfV4, 'x-amz-credential': credential = '' } = fields;
  const provided = signatureOfV4 ?? signature;
  if (provided === undefined) return denied('Access Denied: the form has a policy and no signature.');
  const expected = signatureOfV4 === undefined ? signatureV2(policy) : signatureV4(credential, policy);
  return provided === expected ? undefined : mismatch(provided, { StringToSign: policy });
}
