import type { IncomingHttpHeaders } from 'node:http';
import { SECOND_MS } from '../../shared/time.ts';
import type { LiveObject, ObjectIndex } from './object-index.ts';
import { headerOf, type ObjectAddress } from './request.ts';
import { invalidArgument, notImplemented, type S3Refusal } from './xml.ts';

/** Whether an answer depends on what the bucket holds. */
export function isConditional(headers: IncomingHttpHeaders): boolean {
  return Object.keys(headers).some((name) => /^(x-amz-copy-source-)?if-/.test(name));
}

/**
 * Why a write's own conditions do not hold (S3 User Guide, "How to prevent object overwrites with conditional writes");
 * undefined when they do.
 */
export function writeConditionRefusal(
  headers: IncomingHttpHeaders,
  current: LiveObject | undefined,
): S3Refusal | undefined {
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = headers;
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch !== '*' || ifMatch !== undefined) return notImplemented('a write with this If-None-Match');
    return current === undefined ? undefined : failed('If-None-Match');
  }
  if (ifMatch === undefined) return undefined;
  if (current === undefined) return NO_SUCH_KEY;
  return ifMatch === '*' || unquoted(ifMatch) === current.eTag ? undefined : failed('If-Match');
}

export const NO_SUCH_KEY: S3Refusal = { status: 404, code: 'NoSuchKey', message: 'The specified key does not exist.' };

/** Of two conditional writes of one key at once, S3 refuses one in this way, to be tried again. */
export const CONFLICT: S3Refusal = {
  status: 409,
  code: 'ConditionalRequestConflict',
  message: 'The conditional request cannot succeed due to a conflicting operation against this resource.',
};

function failed(condition: string): S3Refusal {
  const message = 'At least one of the pre-conditions you specified did not hold';
  return { status: 412, code: 'PreconditionFailed', message, details: { Condition: condition } };
}

function unquoted(eTag: string): string {
  return eTag.replace(/^"(.*)"$/, '$1');
}

/** Bucket and key of `x-amz-copy-source`; undefined when it names none. */
export function copySourceOf(headers: IncomingHttpHeaders): ObjectAddress | undefined {
  const source = headerOf(headers, 'x-amz-copy-source');
  if (source === undefined) return undefined;
  try {
    const [, bucket = '', key = ''] = /^\/?([^/]+)\/(.+)$/s.exec(decodeURIComponent(source)) ?? [];
    return { bucket, key };
  } catch {
    return { bucket: '', key: '' };
  }
}

/** Why an object or a part is not copied from its source; undefined when it is. */
export function copyRefusal(headers: IncomingHttpHeaders, index: ObjectIndex): S3Refusal | undefined {
  const source = copySourceOf(headers);
  if (source === undefined) return undefined;
  if (/\?versionId=(?!null$)/.test(headerOf(headers, 'x-amz-copy-source') ?? ''))
    return notImplemented('object versions');
  if (source.key === '')
    return invalidArgument('Copy Source must mention the source bucket and key: sourcebucket/sourcekey');
  const directives = ['x-amz-metadata-directive', 'x-amz-tagging-directive'];
  const wrong = directives.find((name) => !/^(COPY|REPLACE)$/.test(headerOf(headers, name) ?? 'COPY'));
  if (wrong !== undefined) return invalidArgument(`Unknown ${wrong.slice('x-amz-'.length).replace('-', ' ')}.`);
  const object = index.get(source.bucket, source.key);
  return object === undefined ? undefined : sourceConditionRefusal(headers, object);
}

/** Why an object is not copied onto itself; undefined when it is. */
export function selfCopyRefusal(headers: IncomingHttpHeaders, target: ObjectAddress): S3Refusal | undefined {
  const source = copySourceOf(headers);
  const isSame = source?.bucket === target.bucket && source.key === target.key;
  return isSame && !changesSettings(headers) ? TO_ITSELF : undefined;
}

function changesSettings(headers: IncomingHttpHeaders): boolean {
  if (headers['x-amz-metadata-directive'] === 'REPLACE') return true;
  return /(^|,)x-amz-(storage-class|server-side-encryption|website-redirect-location|checksum-algorithm)(,|$)/.test(
    Object.keys(headers).join(),
  );
}

const TO_ITSELF: S3Refusal = {
  status: 400,
  code: 'InvalidRequest',
  message:
    "This copy request is illegal because it is trying to copy an object to itself without changing the object's " +
    'metadata, storage class, website redirect location or encryption attributes.',
};

/** S3 API Reference, "CopyObject": a condition on the eTag that holds outweighs the one on the time. */
function sourceConditionRefusal(
  headers: IncomingHttpHeaders,
  { eTag, lastModified }: LiveObject,
): S3Refusal | undefined {
  const given = (condition: string) => headerOf(headers, `x-amz-copy-source-if-${condition}`);
  const match = given('match');
  const noneMatch = given('none-match');
  const time = Math.floor(lastModified.getTime() / SECOND_MS) * SECOND_MS;
  const unmodified = match === undefined ? Date.parse(given('unmodified-since') ?? '') : Number.NaN;
  const modified = Date.parse(given('modified-since') ?? '');
  if (match !== undefined && unquoted(match) !== eTag) return failed('x-amz-copy-source-If-Match');
  if (time > unmodified) return failed('x-amz-copy-source-If-Unmodified-Since');
  if (noneMatch !== undefined && unquoted(noneMatch) === eTag) return failed('x-amz-copy-source-If-None-Match');
  return time <= modified ? failed('x-amz-copy-source-If-Modified-Since') : undefined;
}
