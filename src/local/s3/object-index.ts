import { element } from './xml.ts';

/** An object that stands in a bucket now. */
export interface LiveObject {
  readonly key: string;
  /** The key's UTF-8 bytes, one a character: compared as strings, these sort as S3 sorts keys. */
  readonly order: string;
  readonly lastModified: Date;
  /** Bytes. */
  size: number;
  /** Without quotes. */
  eTag: string;
}

/** The objects of all buckets, kept from what passes the edge: tells whether a delete deleted, and lists in S3's order. */
export class ObjectIndex {
  readonly #buckets = new Map<string, Map<string, LiveObject>>();
  readonly #sorted = new Map<string, readonly LiveObject[]>();

  /** Enters an object, in place of one with the same key. Its size and eTag follow when they are known. */
  put(bucket: string, key: string, lastModified: Date): LiveObject {
    const object: LiveObject = { key, order: byteOrder(key), lastModified, size: 0, eTag: '' };
    const objects = this.#buckets.get(bucket) ?? new Map<string, LiveObject>();
    this.#buckets.set(bucket, objects.set(key, object));
    this.#sorted.delete(bucket);
    return object;
  }

  /** Takes an object out; whether there was one. */
  delete(bucket: string, key: string): boolean {
    this.#sorted.delete(bucket);
    return this.#buckets.get(bucket)?.delete(key) === true;
  }

  /** All objects of a bucket, in the order of their keys' UTF-8 bytes. */
  list(bucket: string): readonly LiveObject[] {
    const known = this.#sorted.get(bucket);
    if (known !== undefined) return known;
    const objects = [...(this.#buckets.get(bucket)?.values() ?? [])];
    const sorted = objects.sort((left, right) => (left.order < right.order ? -1 : 1));
    this.#sorted.set(bucket, sorted);
    return sorted;
  }
}

/** A text's UTF-8 bytes, one a character. */
export function byteOrder(text: string): string {
  return Buffer.from(text).toString('latin1');
}

const PAGE = 1000;

/** One page of a listing. */
interface Page {
  readonly objects: readonly LiveObject[];
  readonly prefixes: readonly string[];
  /** The last key or common prefix of the page; absent when nothing follows it. */
  readonly next?: string;
}

/**
 * Answers ListObjects (both versions) in S3's order: by the keys' UTF-8 bytes.
 *
 * The emulator's own listing sorts by the machine's language and cuts pages by UTF-16 units: beyond 1,000 objects it
 * leaves some out and repeats others.
 *
 * @param sorted Every object of the bucket, in S3's order.
 */
export function listObjectsXml(
  bucket: string,
  query: Readonly<Record<string, string>>,
  sorted: readonly LiveObject[],
): string {
  const isV2 = query['list-type'] === '2';
  const token = query['continuation-token'];
  const after = isV2 ? (token === undefined ? query['start-after'] : fromToken(token)) : query.marker;
  const most = /^\d{1,3}$/.test(query['max-keys'] ?? '') ? Number(query['max-keys']) : PAGE;
  const page = pageOf(sorted, query.prefix ?? '', query.delimiter ?? '', after ?? '', most);
  const encode = query['encoding-type'] === 'url' ? encodeURIComponent : (text: string) => text;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">',
    element('Name', bucket),
    element('Prefix', encode(query.prefix ?? '')),
    ...(query.delimiter === undefined ? [] : [element('Delimiter', encode(query.delimiter))]),
    ...(query['encoding-type'] === 'url' ? [element('EncodingType', 'url')] : []),
    element('MaxKeys', most),
    element('IsTruncated', page.next !== undefined),
    ...(isV2 ? pagingV2(query, page, encode) : pagingV1(query, page, encode)),
    ...page.objects.map((object) => contents(object, encode)),
    ...page.prefixes.map((prefix) => `<CommonPrefixes>${element('Prefix', encode(prefix))}</CommonPrefixes>`),
    '</ListBucketResult>',
  ].join('\n');
}

function pageOf(sorted: readonly LiveObject[], prefix: string, delimiter: string, after: string, most: number): Page {
  const objects: LiveObject[] = [];
  const prefixes = new Set<string>();
  const afterOrder = byteOrder(after);
  let last = '';
  if (most === 0) return { objects, prefixes: [] };
  for (const object of sorted) {
    if (!object.key.startsWith(prefix) || object.order <= afterOrder) continue;
    const end = delimiter === '' ? -1 : object.key.indexOf(delimiter, prefix.length);
    const common = end < 0 ? undefined : object.key.slice(0, end + delimiter.length);
    if (common !== undefined && (prefixes.has(common) || common === after)) continue;
    if (objects.length + prefixes.size >= most) return { objects, prefixes: [...prefixes], next: last };
    if (common === undefined) objects.push(object);
    else prefixes.add(common);
    last = common ?? object.key;
  }
  return { objects, prefixes: [...prefixes] };
}

type Encode = (text: string) => string;

function pagingV1(query: Readonly<Record<string, string>>, page: Page, encode: Encode): string[] {
  const next = page.next === undefined ? [] : [element('NextMarker', encode(page.next))];
  return [element('Marker', encode(query.marker ?? '')), ...next];
}

function pagingV2(query: Readonly<Record<string, string>>, page: Page, encode: Encode): string[] {
  const { 'start-after': startAfter, 'continuation-token': token } = query;
  return [
    element('KeyCount', page.objects.length + page.prefixes.length),
    ...(startAfter === undefined ? [] : [element('StartAfter', encode(startAfter))]),
    ...(token === undefined ? [] : [element('ContinuationToken', token)]),
    ...(page.next === undefined ? [] : [element('NextContinuationToken', toToken(page.next))]),
  ];
}

function contents(object: LiveObject, encode: Encode): string {
  return [
    '<Contents>',
    element('Key', encode(object.key)),
    element('LastModified', object.lastModified.toISOString()),
    element('ETag', `"${object.eTag}"`),
    element('Size', object.size),
    element('StorageClass', 'STANDARD'),
    '</Contents>',
  ].join('');
}

function toToken(text: string): string {
  return Buffer.from(text).toString('base64');
}

function fromToken(token: string): string {
  return Buffer.from(token, 'base64').toString();
}
