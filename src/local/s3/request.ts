import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { buildApp } from 'fauxqs';
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

/** Where a request was sent: browsers' and signers' words for it, before it is made path-style. */
export interface ReceivedAddress {
  /** The Host header. */
  readonly host: string;
  /** Path and query. */
  readonly url: string;
}

const receivedAddresses = new WeakMap<IncomingMessage, ReceivedAddress>();

/** Notes where a request was sent, before that is rewritten. */
export function noteReceivedAddress(raw: IncomingMessage): void {
  receivedAddresses.set(raw, { host: raw.headers.host ?? '', url: raw.url ?? '' });
}

export function receivedAddressOf({ raw, url, headers }: EdgeRequest): ReceivedAddress {
  return receivedAddresses.get(raw) ?? { host: headers.host ?? '', url };
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
 * The access key id that a request claims, or undefined for an anonymous one.
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

export interface ObjectAddress {
  readonly bucket: string;
  readonly key: string;
}

/** A multipart upload. */
export interface UploadAddress extends ObjectAddress {
  readonly uploadId: string;
}

/** What a request to S3 does. */
export type S3Operation =
  | ({ readonly kind: 'write'; readonly change: Exclude<ChangeKind, 'CompleteMultipartUpload'> } & ObjectAddress)
  | ({ readonly kind: 'write'; readonly change: 'CompleteMultipartUpload' } & UploadAddress)
  /** Of an object, its tags, or the parts of an upload. */
  | ({ readonly kind: 'read' | 'get-tags' | 'begin-upload' } & ObjectAddress)
  | ({ readonly kind: 'list-parts' | 'abort-upload' } & UploadAddress)
  | ({ readonly kind: 'part'; readonly number: string } & UploadAddress)
  /** The key is in the form, so it is not known before the body is read. */
  | { readonly kind: 'post-form'; readonly bucket: string }
  | { readonly kind: 'delete-objects'; readonly bucket: string }
  | { readonly kind: 'list-objects' | 'get-location'; readonly bucket: string }
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
    'accelerate acl analytics annotation cors encryption intelligent-tiering inventory legal-hold logging ' +
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

function refusalOf({ method, key, query }: S3Target): S3Refusal | undefined {
  const isNotification = key === '' && (method === 'GET' || method === 'PUT');
  if ('notification' in query && !isNotification) return notImplemented(`the sub-resource "notification" of this`);
  const unknown = Object.keys(query).find((name) => UNKNOWN_SUBRESOURCES.has(name));
  const isTagsRead = unknown === 'tagging' && key !== '' && method === 'GET';
  const isLocationOfNoBucket = 'location' in query && (key !== '' || method !== 'GET');
  if (isLocationOfNoBucket) return notImplemented('the sub-resource "location" of this');
  if (unknown !== undefined && !isTagsRead) return notImplemented(`the sub-resource "${unknown}"`);
  if (query.versionId !== undefined && query.versionId !== 'null') return notImplemented('object versions');
  return keyRefusal(key);
}

/** Why there can be no object of that key; undefined when there can. */
export function keyRefusal(key: string): S3Refusal | undefined {
  if (key === '.' || key === '..') return notImplemented('an object whose key is "." or ".."');
  if (Buffer.byteLength(key) <= MAX_KEY_BYTES) return undefined;
  return { status: 400, code: 'KeyTooLongError', message: `Your key is too long: at most ${MAX_KEY_BYTES} bytes.` };
}

function bucketOperation({ method, bucket, query, headers }: S3Target): S3Operation {
  if ('notification' in query) return { kind: method === 'GET' ? 'get-notifications' : 'put-notifications', bucket };
  if ('location' in query) return { kind: 'get-location', bucket };
  if (method === 'GET' && 'uploads' in query) return refused('the listing of multipart uploads');
  if (method === 'GET' && !('lifecycle' in query)) return { kind: 'list-objects', bucket };
  if (headers['x-amz-bucket-object-lock-enabled'] === 'true') return refused('object lock');
  if (method !== 'POST') return { kind: 'other' };
  if ('delete' in query) return { kind: 'delete-objects', bucket };
  const isForm = headers['content-type']?.toLowerCase().startsWith('multipart/form-data') === true;
  return isForm ? { kind: 'post-form', bucket } : refused('this POST to a bucket');
}

function objectOperation({ method, bucket, key, query, headers }: S3Target): S3Operation {
  const address = { bucket, key };
  const { uploadId } = query;
  switch (method) {
    case 'PUT':
      if (uploadId !== undefined) return { kind: 'part', ...address, uploadId, number: query.partNumber ?? '' };
      return { kind: 'write', change: headers['x-amz-copy-source'] === undefined ? 'Put' : 'Copy', ...address };
    case 'POST':
      if ('uploads' in query) return { kind: 'begin-upload', ...address };
      if (uploadId === undefined) return refused('this POST to an object');
      return { kind: 'write', change: 'CompleteMultipartUpload', ...address, uploadId };
    case 'DELETE':
      if (uploadId !== undefined) return { kind: 'abort-upload', ...address, uploadId };
      return { kind: 'write', change: 'Delete', ...address };
    case 'GET':
      if (uploadId !== undefined) return { kind: 'list-parts', ...address, uploadId };
      if ('tagging' in query) return { kind: 'get-tags', ...address };
      return 'attributes' in query ? { kind: 'other' } : { kind: 'read', ...address };
    case 'HEAD':
      return { kind: 'read', ...address };
    default:
      return { kind: 'other' };
  }
}

function refused(what: string): S3Operation {
  return { kind: 'refused', refusal: notImplemented(what) };
}

/** Parameters of a signature, in lower case. No header stands for them. */
const AUTHENTICATION = /^x-amz-(algorithm|credential|date|expires|security-token|signature|signedheaders)$/;

/**
 * What a presigned URL carries in its query, as the headers that it stands for: SDKs hoist every `x-amz-*` header into
 * the query, boto with version 2 of the signature also the body's type and MD5.
 *
 * Metadata outside ASCII becomes RFC 2047 encoded words, as S3 hands it out ("Working with object metadata"); a header
 * could not carry it otherwise.
 */
export function hoistedHeaders(query: Parameters): Record<string, string> {
  const isV2 = query.AWSAccessKeyId !== undefined;
  const isHeader = (name: string) =>
    (/^x-amz-[\w.-]+$/.test(name) && !AUTHENTICATION.test(name)) || (isV2 && /^content-(type|md5)$/.test(name));
  const lower = Object.entries(query).map(([name, value]) => [name.toLowerCase(), value] as const);
  return Object.fromEntries(
    lower.filter(([name]) => isHeader(name)).map(([name, value]) => [name, encodedWord(value)]),
  );
}

function encodedWord(value: string): string {
  if (/^[\x20-\x7e]*$/.test(value)) return value;
  return `=?UTF-8?B?${Buffer.from(value).toString('base64')}?=`;
}
