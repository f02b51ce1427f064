/** What a write says of its object beside its content: kept and handed out again, or refused. */
import type { IncomingHttpHeaders } from 'node:http';
import { LOCAL_ACCOUNT_ID } from '../identity.ts';
import type { Checksum } from './checksum.ts';
import { headerOf, type Parameters } from './request.ts';
import { element, invalidArgument, notImplemented, type S3Refusal, unescapeXml } from './xml.ts';

type Tag = readonly [key: string, value: string];

/** What is kept of an object, and the emulator would forget. */
export interface ObjectSettings {
  /** Headers of every answer to a GET or HEAD. */
  readonly headers: Readonly<Record<string, string>>;
  readonly tags: readonly Tag[];
  /** Of its whole content, or composite. */
  readonly checksum?: Checksum | undefined;
}

export const NO_SETTINGS: ObjectSettings = { headers: {}, tags: [] };

/** Headers that S3 hands out again. */
const KEPT = ['expires', 'x-amz-storage-class', 'x-amz-website-redirect-location'];
const STORAGE_CLASSES = /^(STANDARD|REDUCED_REDUNDANCY|STANDARD_IA|ONEZONE_IA|INTELLIGENT_TIERING|GLACIER_IR)$/;
const ARCHIVES = /^(GLACIER|DEEP_ARCHIVE)$/;
/** Bytes (S3 User Guide, "Working with object metadata"). */
const MAX_METADATA = 2048;

/** The settings of a write whose headers were admitted. */
export function settingsOf(headers: IncomingHttpHeaders, checksum?: Checksum): ObjectSettings {
  const kept = KEPT.flatMap((name) => {
    const value = headerOf(headers, name);
    return value === undefined || value === 'STANDARD' ? [] : [[name, value] as const];
  });
  return { headers: Object.fromEntries(kept), tags: tagsOf(headers['x-amz-tagging']), checksum };
}

/**
 * The settings of a copy (S3 API Reference, "CopyObject"): tags and metadata come from the source unless the directives
 * say otherwise; the storage class and the redirect never do.
 */
export function copiedSettings(headers: IncomingHttpHeaders, source: ObjectSettings | undefined): ObjectSettings {
  const own = settingsOf(headers);
  const expires = source?.headers.expires;
  const inherits = (directive: string) => headerOf(headers, directive) !== 'REPLACE';
  const inherited = inherits('x-amz-metadata-directive') && expires !== undefined ? { expires } : {};
  const tags = inherits('x-amz-tagging-directive') ? (source?.tags ?? []) : own.tags;
  return { headers: { ...own.headers, ...inherited }, tags, checksum: source?.checksum };
}

/** Why S3 refuses a write with these headers, or the local stack must; undefined when neither does. */
export function settingsRefusal(headers: IncomingHttpHeaders): S3Refusal | undefined {
  const names = Object.keys(headers);
  if (names.some((name) => name.startsWith('x-amz-object-lock-'))) {
    return { status: 400, code: 'InvalidRequest', message: 'Bucket is missing Object Lock Configuration' };
  }
  return (
    aclRefusal(headers) ??
    encryptionRefusal(headers) ??
    storageClassRefusal(headerOf(headers, 'x-amz-storage-class')) ??
    tagsRefusal(headerOf(headers, 'x-amz-tagging')) ??
    metadataRefusal(headers) ??
    (names.includes('x-amz-write-offset-bytes') ? notImplemented('appending to objects') : undefined)
  );
}

/** Why a request is meant for the bucket of another; undefined when it is not. */
export function ownerRefusal(headers: IncomingHttpHeaders): S3Refusal | undefined {
  const owners = ['x-amz-expected-bucket-owner', 'x-amz-source-expected-bucket-owner'];
  const isOther = owners.some((name) => (headerOf(headers, name) ?? LOCAL_ACCOUNT_ID) !== LOCAL_ACCOUNT_ID);
  const message = `Access Denied: the owner of every local bucket is ${LOCAL_ACCOUNT_ID}.`;
  return isOther ? { status: 403, code: 'AccessDenied', message } : undefined;
}

/**
 * ACLs are off in every new bucket. All but `bucket-owner-full-control` fail, `private` too: the documentation
 * ("Controlling ownership of objects") names no exception.
 */
function aclRefusal(headers: IncomingHttpHeaders): S3Refusal | undefined {
  const acl = headerOf(headers, 'x-amz-acl') ?? 'bucket-owner-full-control';
  const grants = Object.keys(headers).some((name) => name.startsWith('x-amz-grant-'));
  if (acl === 'bucket-owner-full-control' && !grants) return undefined;
  return { status: 400, code: 'AccessControlListNotSupported', message: 'The bucket does not allow ACLs' };
}

/** S3 encrypts with keys of its own (`AES256`) by default, which nobody can tell from no encryption. */
function encryptionRefusal(headers: IncomingHttpHeaders): S3Refusal | undefined {
  const algorithm = headerOf(headers, 'x-amz-server-side-encryption') ?? 'AES256';
  if (!/^(AES256|aws:kms|aws:kms:dsse)$/.test(algorithm)) {
    return invalidArgument('The encryption method specified is not supported');
  }
  const names = Object.keys(headers).filter((name) => name.startsWith('x-amz-server-side-encryption-'));
  return algorithm !== 'AES256' || names.length > 0
    ? notImplemented("encryption other than with S3's own keys")
    : undefined;
}

function storageClassRefusal(storageClass = 'STANDARD'): S3Refusal | undefined {
  if (STORAGE_CLASSES.test(storageClass)) return undefined;
  if (ARCHIVES.test(storageClass)) return notImplemented('archives');
  const message = 'The storage class you specified is not valid';
  return { status: 400, code: 'InvalidStorageClass', message };
}

function metadataRefusal(headers: IncomingHttpHeaders): S3Refusal | undefined {
  const entries = Object.entries(headers).filter(([name]) => name.startsWith('x-amz-meta-'));
  const size = entries.reduce(
    (sum, [name, value]) => sum + name.length - 'x-amz-meta-'.length + String(value).length,
    0,
  );
  if (size <= MAX_METADATA) return undefined;
  const message = `Your metadata headers exceed the maximum allowed metadata size: ${MAX_METADATA} bytes.`;
  return { status: 400, code: 'MetadataTooLarge', message };
}

function tagsOf(header: string | string[] | undefined): readonly Tag[] {
  return [...new URLSearchParams(String(header ?? ''))];
}

/** S3 User Guide, "Categorizing your objects using tags". */
function tagsRefusal(header = ''): S3Refusal | undefined {
  const tags = tagsOf(header);
  const keys = new Set(tags.map(([key]) => key));
  if (keys.size < tags.length) {
    return invalidArgument(
      "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
    );
  }
  if (tags.length > 10) {
    return { status: 400, code: 'BadRequest', message: 'Object tags cannot be greater than 10' };
  }
  if (tags.every(isTag)) return undefined;
  return { status: 400, code: 'InvalidTag', message: 'The TagKey or TagValue you have provided is invalid' };
}

function isTag([key, value]: Tag): boolean {
  const isText = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u.test(key + value);
  return isText && key !== '' && key.length <= 128 && value.length <= 256 && !key.startsWith('aws:');
}

/** The answer to GetObjectTagging. */
export function taggingXml(tags: readonly Tag[]): string {
  const set = tags.map(([key, value]) => `<Tag>${element('Key', key)}${element('Value', value)}</Tag>`);
  const root = '<Tagging xmlns="http://s3.amazonaws.com/doc/2006-03-01/">';
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}<TagSet>${set.join('')}</TagSet></Tagging>`;
}

/** The fields of an upload form as the headers that they stand for. @param fields names in lower case */
export function formHeaders(fields: Parameters): IncomingHttpHeaders {
  const named = Object.entries(fields).filter(([name]) => /^(x-amz-|content-md5$|expires$)/.test(name));
  const tags = [...(fields.tagging ?? '').matchAll(/<Key>([^<]*)<\/Key>\s*<Value>([^<]*)<\/Value>/g)];
  const tagging = tags.map(([, key = '', value = '']): [string, string] => [unescapeXml(key), unescapeXml(value)]);
  return {
    ...Object.fromEntries(named),
    ...(fields.acl !== undefined && { 'x-amz-acl': fields.acl }),
    ...(tags.length > 0 && { 'x-amz-tagging': new URLSearchParams(tagging).toString() }),
  };
}
