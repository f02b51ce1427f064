import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Category } from '../upload/category.ts';
import type { UploadStatus } from '../upload/upload.ts';

/** Which records are wanted: those that meet every condition given. */
export interface RecordFilters {
  readonly bucket?: string;
  /** What the object's key begins with. */
  readonly prefix?: string;
  readonly uploader?: string;
  readonly category?: Category;
  readonly status?: UploadStatus;
  /** Bytes. Deletes have no size, and never meet this. */
  readonly leastBytes?: number;
}

/** Part of a Query. Placeholders stand for every name, because `status` and `timestamp` are words of DynamoDB's own. */
export interface Condition {
  readonly expression: string;
  readonly names: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, AttributeValue>>;
}

/** The filter expression of `filters`, or `undefined` when every record is wanted. */
export function filterCondition(filters: RecordFilters): Condition | undefined {
  const { bucket, prefix, uploader, category, status, leastBytes } = filters;
  const parts = [
    bucket === undefined ? undefined : equals('s3_bucket', bucket),
    prefix === undefined || prefix === '' ? undefined : part('begins_with(#s3_key, :s3_key)', 's3_key', { S: prefix }),
    uploader === undefined ? undefined : equals('uploader', uploader),
    category === undefined ? undefined : equals('category', category),
    status === undefined ? undefined : equals('status', status),
    leastBytes === undefined ? undefined : part('#filesize >= :filesize', 'filesize', { N: String(leastBytes) }),
  ].filter((condition) => condition !== undefined);
  return parts.length === 0 ? undefined : allOf(parts);
}

/** All of `conditions`. Each must use names of its own. */
export function allOf(conditions: readonly Condition[]): Condition {
  return {
    expression: conditions.map(({ expression }) => expression).join(' AND '),
    names: Object.assign({}, ...conditions.map(({ names }) => names)),
    values: Object.assign({}, ...conditions.map(({ values }) => values)),
  };
}

/** That `attribute` is the text `value`. */
export function equals(attribute: string, value: string): Condition {
  return part(`#${attribute} = :${attribute}`, attribute, { S: value });
}

function part(expression: string, attribute: string, value: AttributeValue): Condition {
  return { expression, names: { [`#${attribute}`]: attribute }, values: { [`:${attribute}`]: value } };
}
