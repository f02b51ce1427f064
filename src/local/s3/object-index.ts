import type { ObjectSettings } from './object-settings.ts';

/** An object as listings and conditions know it. */
export interface LiveObject {
  readonly key: string;
  /** The key's UTF-8 bytes, one a character: compared as strings, these sort as S3 sorts keys. */
  readonly order: string;
  readonly lastModified: Date;
  readonly settings: ObjectSettings;
  /** Bytes. */
  size: number;
  /** Without quotes. */
  eTag: string;
}

/**
 * The objects of all buckets, kept from the writes that pass: knows whether a delete deleted, and lists in S3's order.
 */
export class ObjectIndex {
  readonly #buckets = new Map<string, Map<string, LiveObject>>();
  readonly #sorted = new Map<string, readonly LiveObject[]>();

  /** Adds or replaces an object. Its size and eTag are set when they are known. */
  put(bucket: string, key: string, lastModified: Date, settings: ObjectSettings): LiveObject {
    const object: LiveObject = { key, order: byteOrder(key), lastModified, settings, size: 0, eTag: '' };
    const objects = this.#buckets.get(bucket) ?? new Map<string, LiveObject>();
    this.#buckets.set(bucket, objects.set(key, object));
    this.#sorted.delete(bucket);
    return object;
  }

  get(bucket: string, key: string): LiveObject | undefined {
    return this.#buckets.get(bucket)?.get(key);
  }

  /** Removes an object; false when there was none. */
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
