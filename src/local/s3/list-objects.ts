import { byteOrder, type LiveObject } from './object-index.ts';
import type { Parameters } from './request.ts';
import { element } from './xml.ts';

/** Objects and common prefixes of a page (S3 API Reference, ListObjectsV2). */
const MAX_KEYS = 1000;

/** One page of a listing. */
interface Page {
  readonly objects: readonly LiveObject[];
  readonly prefixes: readonly string[];
  /** The last key or common prefix of the page; absent when nothing follows it. */
  readonly next?: string;
}

/**
 * Answers ListObjects (both versions) in S3's order: by the keys' UTF-8 bytes. The emulator sorts by the machine's
 * language and cuts pages by UTF-16 units: beyond 1,000 objects it would leave some out and repeat others.
 *
 * @param sorted Every object of the bucket, in S3's order.
 */
export function listObjectsXml(bucket: string, query: Parameters, sorted: readonly LiveObject[]): string {
  const { prefix = '', delimiter, 'encoding-type': encoding } = query;
  const { marker = '', 'start-after': startAfter, 'continuation-token': token } = query;
  const isV2 = query['list-type'] === '2';
  const after = isV2 ? (token === undefined ? startAfter : Buffer.from(token, 'base64').toString()) : marker;
  const maxKeys = /^\d{1,3}$/.test(query['max-keys'] ?? '') ? Number(query['max-keys']) : MAX_KEYS;
  const page = pageOf(sorted, prefix, delimiter ?? '', after ?? '', maxKeys);
  const encode = (text: string) => (encoding === 'url' ? encodeURIComponent(text) : text);
  const encoded = (name: string, text?: string) => (text === undefined ? [] : [element(name, encode(text))]);
  const plain = (name: string, text?: string) => (text === undefined ? [] : [element(name, text)]);
  const pagingV1 = () => [element('Marker', encode(marker)), ...encoded('NextMarker', page.next)];
  const pagingV2 = () => [
    element('KeyCount', page.objects.length + page.prefixes.length),
    ...encoded('StartAfter', startAfter),
    ...plain('ContinuationToken', token),
    ...plain('NextContinuationToken', page.next && Buffer.from(page.next).toString('base64')),
  ];
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">',
    element('Name', bucket),
    element('Prefix', encode(prefix)),
    ...encoded('Delimiter', delimiter),
    ...plain('EncodingType', encoding === 'url' ? encoding : undefined),
    element('MaxKeys', maxKeys),
    element('IsTruncated', page.next !== undefined),
    ...(isV2 ? pagingV2() : pagingV1()),
    ...page.objects.map((object) => contents(object, encode)),
    ...page.prefixes.map((common) => `<CommonPrefixes>${element('Prefix', encode(common))}</CommonPrefixes>`),
    '</ListBucketResult>',
  ].join('\n');
}

function pageOf(sorted: readonly LiveObject[], prefix: string, delimiter: string, after: string, max: number): Page {
  const objects: LiveObject[] = [];
  const prefixes = new Set<string>();
  const afterOrder = byteOrder(after);
  let last = '';
  if (max === 0) return { objects, prefixes: [] };
  for (const object of sorted) {
    if (!object.key.startsWith(prefix) || object.order <= afterOrder) continue;
    const end = delimiter === '' ? -1 : object.key.indexOf(delimiter, prefix.length);
    const common = end < 0 ? undefined : object.key.slice(0, end + delimiter.length);
    if (common !== undefined && (prefixes.has(common) || common === after)) continue;
    if (objects.length + prefixes.size >= max) return { objects, prefixes: [...prefixes], next: last };
    if (common === undefined) objects.push(object);
    else prefixes.add(common);
    last = common ?? object.key;
  }
  return { objects, prefixes: [...prefixes] };
}

function contents({ key, lastModified, eTag, size, settings }: LiveObject, encode: (text: string) => string): string {
  return [
    '<Contents>',
    element('Key', encode(key)),
    element('LastModified', lastModified.toISOString()),
    element('ETag', `"${eTag}"`),
    element('Size', size),
    element('StorageClass', settings.headers['x-amz-storage-class'] ?? 'STANDARD'),
    '</Contents>',
  ].join('');
}
