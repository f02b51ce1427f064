import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { buildApp } from 'fauxqs';
import { DAY_SECONDS } from '../../shared/time.ts';
import { LOCAL_CREDENTIALS } from '../identity.ts';
import { notImplemented, type S3Refusal } from './xml.ts';

/** The emulator: a Fastify application that takes hooks. */
export type EmulatorApp = ReturnType<typeof buildApp>;

/** What is read of a request to the emulator. */
export interface EdgeRequest {
  readonly method: string;
  /** Path and query, path-style: `/bucket/key?...`. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly query: unknown;
  readonly params: unknown;
  readonly ip: string;
  readonly raw: IncomingMessage;
  body: unknown;
}

/** Parameters of a query or fields of a form, by name. */
export type Parameters = Readonly<Record<string, string>>;

/** Query parameters; the last value of one that is given twice. */
export function queryOf(request: EdgeRequest): Parameters {
  const entries = Object.entries((request.query ?? {}) as Record<string, string | string[]>);
  return Object.fromEntries(entries.map(([name, value]) => [name, [value].flat().at(-1) ?? '']));
}

/** The first value of a header, or undefined. */
export function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/**
 * The access key id that a request claims, or undefined for an anonymous one. Signatures are not checked.
 *
 * Looks where SigV4 and SigV2 put it: the Authorization header, a presigned URL's query, the fields of a form.
 */
export function accessKeyIdOf(headers: IncomingHttpHeaders, parameters: Parameters): string | undefined {
  const authorization = headers.authorization ?? '';
  const scope = /\bCredential=([^,]+)/.exec(authorization)?.[1] ?? parameterOf(parameters, 'x-amz-credential');
  // <access key id>/<date>/<region>/<service>/aws4_request
  if (scope !== undefined) return scope.trim().split('/').slice(0, -4).join('/') || undefined;
  return /^AWS ([^:]+):/.exec(authorization)?.[1] ?? parameterOf(parameters, 'awsaccesskeyid');
}

/**
 * The principal that S3 would name in its event. The stack's own key is an IAM user; every other access key id is a
 * session of one local role, so that signing with the access key id `alice` makes `alice` the uploader.
 */
export function principalIdOf(accessKeyId: string | undefined): string {
  if (accessKeyId === undefined) return 'Anonymous';
  const isStack = accessKeyId === LOCAL_CREDENTIALS.accessKeyId;
  return isStack ? 'AWS:AIDALOCALSTACKUSER000' : `AWS:AROALOCALSTACKROLE000:${accessKeyId}`;
}

/** An Authorization header that claims `accessKeyId`, for requests made on behalf of another. */
export function authorizationFor(accessKeyId: string): string {
  return `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20260101/us-east-1/s3/aws4_request`;
}

function parameterOf(parameters: Parameters, name: string): string | undefined {
  return Object.entries(parameters).find(([candidate]) => candidate.toLowerCase() === name)?.[1];
}

/** The ways in which an object comes, changes or goes, named as in S3's event types. */
export type ChangeKind = 'Put' | 'Post' | 'Copy' | 'CompleteMultipartUpload' | 'Delete';

/** What a request to S3 does. */
export type S3Operation =
  | { readonly kind: 'write'; readonly change: ChangeKind; readonly bucket: string; readonly key: string }
  /** The key is in the form, so it is not known before the body is read. */
  | { readonly kind: 'post-form'; readonly bucket: string }
  | { readonly kind: 'delete-objects'; readonly bucket: string }
  | { readonly kind: 'list-objects'; readonly bucket: string }
  | { readonly kind: 'get-notifications' | 'put-notifications'; readonly bucket: string }
  | { readonly kind: 'refused'; readonly refusal: S3Refusal }
  /** Changes no object: the emulator answers. */
  | { readonly kind: 'other' };

/** The parts of an S3 request. `key` is decoded, and empty when the request is about the bucket. */
interface S3Target {
  readonly method: string;
  readonly bucket: string;
  readonly key: string;
  readonly query: Parameters;
  readonly headers: IncomingHttpHeaders;
}

/** Of UTF-8 (S3 User Guide, "Naming Amazon S3 objects"). */
const MAX_KEY_BYTES = 1024;

/**
 * Sub-resources that the emulator does not know. It ignores the parameter: a PUT would store the tags or the ACL as the
 * object itself, a DELETE would remove the object, a GET would answer with its content.
 */
const UNKNOWN_SUBRESOURCES = new Set(
  (
    'accelerate acl analytics annotation cors encryption intelligent-tiering inventory legal-hold location logging ' +
    'metadataConfiguration metadataTable metrics object-lock ownershipControls policy policyStatus ' +
    'publicAccessBlock renameObject replication requestPayment restore retention select session tagging torrent ' +
    'versioning versions website'
  ).split(' '),
);

/** What a request does, or why the local stack must refuse it. */
export function s3OperationOf(target: S3Target): S3Operation {
  const refusal = refusalOf(target);
  if (refusal !== undefined) return { kind: 'refused', refusal };
  return target.key === '' ? bucketOperation(target) : objectOperation(target);
}

function refusalOf({ method, key, query, headers }: S3Target): S3Refusal | undefined {
  const isNotification = key === '' && (method === 'GET' || method === 'PUT');
  if ('notification' in query && !isNotification) return notImplemented(`the sub-resource "notification" of this`);
  const unknown = Object.keys(query).find((name) => UNKNOWN_SUBRESOURCES.has(name));
  if (unknown !== undefined) return notImplemented(`the sub-resource "${unknown}"`);
  if (query.versionId !== undefined && query.versionId !== 'null') return notImplemented('object versions');
  if (method === 'PUT' && (headers['if-match'] ?? headers['if-none-match']) !== undefined) {
    return notImplemented('conditional writes');
  }
  return keyRefusal(key);
}

/** Why there can be no object of that key; undefined when there can. */
export function keyRefusal(key: string): S3Refusal | undefined {
  if (key === '.' || key === '..') return notImplemented('an object whose whole key is a dot or two');
  if (Buffer.byteLength(key) <= MAX_KEY_BYTES) return undefined;
  return { status: 400, code: 'KeyTooLongError', message: `Your key is too long: at most ${MAX_KEY_BYTES} bytes.` };
}

function bucketOperation({ method, bucket, query, headers }: S3Target): S3Operation {
  if ('notification' in query) return { kind: method === 'GET' ? 'get-notifications' : 'put-notifications', bucket };
  if (method === 'GET' && 'uploads' in query) return refused('the listing of multipart uploads');
  if (method === 'GET' && !('lifecycle' in query)) return { kind: 'list-objects', bucket };
  if (method !== 'POST') return { kind: 'other' };
  if ('delete' in query) return { kind: 'delete-objects', bucket };
  const isForm = headers['content-type']?.toLowerCase().startsWith('multipart/form-data') === true;
  return isForm ? { kind: 'post-form', bucket } : refused('this POST to a bucket');
}

function objectOperation({ method, bucket, key, query, headers }: S3Target): S3Operation {
  const write = (change: ChangeKind): S3Operation => ({ kind: 'write', change, bucket, key });
  const isPart = 'uploadId' in query;
  switch (method) {
    case 'PUT':
      if (isPart) return { kind: 'other' };
      return write(headers['x-amz-copy-source'] === undefined ? 'Put' : 'Copy');
    case 'POST':
      if ('uploads' in query) return { kind: 'other' };
      return isPart ? write('CompleteMultipartUpload') : refused('this POST to an object');
    case 'DELETE':
      return isPart ? { kind: 'other' } : write('Delete');
    case 'GET':
      return isPart ? refused('the listing of parts') : { kind: 'other' };
    default:
      return { kind: 'other' };
  }
}

function refused(what: string): S3Operation {
  return { kind: 'refused', refusal: notImplemented(what) };
}

/** Of a presigned URL (S3 API Reference, "Authenticating Requests: Using Query Parameters"). */
const MAX_LIFETIME_SECONDS = 7 * DAY_SECONDS;

/** Why a presigned URL is not valid at `now` (milliseconds since 1970); undefined when it is, or there is none. */
export function presignedRefusal(query: Parameters, now: number): S3Refusal | undefined {
  if (query['X-Amz-Algorithm'] !== undefined) return signatureV4Refusal(query, now);
  const isV2 = query.AWSAccessKeyId !== undefined && query.Signature !== undefined;
  return isV2 ? expiryRefusal(Number(query.Expires) * 1000, now) : undefined;
}

function signatureV4Refusal(query: Parameters, now: number): S3Refusal | undefined {
  const signedAt = parseAmzDate(query['X-Amz-Date'] ?? '');
  const lifetime = /^\d{1,6}$/.test(query['X-Amz-Expires'] ?? '') ? Number(query['X-Amz-Expires']) : Number.NaN;
  if (signedAt === undefined || !(lifetime <= MAX_LIFETIME_SECONDS)) {
    return {
      status: 400,
      code: 'AuthorizationQueryParametersError',
      message: `X-Amz-Date must be like 20260131T235959Z and X-Amz-Expires from 0 to ${MAX_LIFETIME_SECONDS} seconds.`,
    };
  }
  return expiryRefusal(signedAt + lifetime * 1000, now);
}

function expiryRefusal(expiresAt: number, now: number): S3Refusal | undefined {
  if (now <= expiresAt) return undefined;
  const expires = Number.isFinite(expiresAt) ? { Expires: new Date(expiresAt).toISOString() } : {};
  return {
    status: 403,
    code: 'AccessDenied',
    message: 'Request has expired',
    details: { ...expires, ServerTime: new Date(now).toISOString() },
  };
}

/** `20260131T235959Z` as milliseconds since 1970. */
function parseAmzDate(text: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second] = match;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

/**
 * User metadata that a presigned URL carries in its query, as the headers that they stand for.
 *
 * SDKs hoist `x-amz-meta-*` headers into the query. Values outside ASCII become RFC 2047 encoded words, as S3 hands
 * them out ("Working with object metadata"); a header could not carry them otherwise.
 */
export function hoistedMetadata(query: Parameters): Record<string, string> {
  const metadata = Object.entries(query).filter(([name]) => /^x-amz-meta-[\w.-]+$/i.test(name));
  return Object.fromEntries(metadata.map(([name, value]) => [name.toLowerCase(), encodedWord(value)]));
}

function encodedWord(value: string): string {
  if (/^[\x20-\x7e]*$/.test(value)) return value;
  return `=?UTF-8?B?${Buffer.from(value).toString('base64')}?=`;
}
