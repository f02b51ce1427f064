import type { IncomingHttpHeaders } from 'node:http';
import { notImplemented, type S3Refusal } from './s3-refusal.ts';

/** The ways in which an object comes, changes or goes, named as in S3's event types. */
export type ChangeKind = 'Put' | 'Post' | 'Copy' | 'CompleteMultipartUpload' | 'Delete';

/** What a request to S3 is about, as far as the glue cares. */
export type S3Operation =
  | { readonly kind: 'write'; readonly change: ChangeKind; readonly bucket: string; readonly key: string }
  /** The key stands in the form, so it is not known before the body is read. */
  | { readonly kind: 'post-form'; readonly bucket: string }
  | { readonly kind: 'delete-objects'; readonly bucket: string }
  | { readonly kind: 'list-objects'; readonly bucket: string }
  | { readonly kind: 'refused'; readonly refusal: S3Refusal }
  /** Changes no object; the emulator's own answer stands. */
  | { readonly kind: 'other' };

/** An S3 request taken apart. `key` is decoded, and empty when the request is about the bucket. */
export interface S3Target {
  readonly method: string;
  readonly bucket: string;
  readonly key: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
}

/** Greatest length of a key, in bytes of UTF-8 (S3 User Guide, "Naming Amazon S3 objects"). */
const KEY_BYTES = 1024;

/**
 * Sub-resources that the emulator does not know. It ignores the parameter: a PUT would store the tags or the ACL as the
 * object itself, a DELETE would remove the object, a GET would answer with its content.
 */
const UNKNOWN_SUBRESOURCES = new Set(
  (
    'accelerate acl analytics annotation cors encryption intelligent-tiering inventory legal-hold location logging ' +
    'metadataConfiguration metadataTable metrics notification object-lock ownershipControls policy policyStatus ' +
    'publicAccessBlock renameObject replication requestPayment restore retention select session tagging torrent ' +
    'versioning versions website'
  ).split(' '),
);

/** Tells what a request is about, or why the local stack must refuse it. */
export function s3OperationOf(target: S3Target): S3Operation {
  const refusal = refusalOf(target);
  if (refusal !== undefined) return { kind: 'refused', refusal };
  return target.key === '' ? bucketOperation(target) : objectOperation(target);
}

function refusalOf({ method, key, query, headers }: S3Target): S3Refusal | undefined {
  const unknown = Object.keys(query).find((name) => UNKNOWN_SUBRESOURCES.has(name));
  if (unknown !== undefined) return notImplemented(`the sub-resource "${unknown}"`);
  if (query.versionId !== undefined && query.versionId !== 'null') return notImplemented('object versions');
  if (method === 'PUT' && (headers['if-match'] ?? headers['if-none-match']) !== undefined) {
    return notImplemented('conditional writes');
  }
  return keyRefusal(key);
}

/** Why there can be no object of that key, if there cannot. */
export function keyRefusal(key: string): S3Refusal | undefined {
  if (key === '.' || key === '..') return notImplemented('an object whose whole key is a dot or two');
  if (Buffer.byteLength(key) <= KEY_BYTES) return undefined;
  return { status: 400, code: 'KeyTooLongError', message: `Your key is too long: at most ${KEY_BYTES} bytes.` };
}

function bucketOperation({ method, bucket, query, headers }: S3Target): S3Operation {
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
