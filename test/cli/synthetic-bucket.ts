import { toItem } from '../../src/ledger/item.ts';
import { recordOf } from '../ledger/read/reader-table.ts';

export const BUCKET = 'uploads-bucket';

/** One object of so many has no record. */
export const MISSING_EVERY = 5000;

const PAGE = 1000;

const keyOf = (index: number) => `photos/${String(index).padStart(9, '0')}.jpg`;
const hasRecord = (index: number) => index % MISSING_EVERY !== 0;

function itemOf(index: number) {
  return toItem(recordOf(keyOf(index), { timestamp: '2026-11-01T10:00:00.000Z', etag: `e${index}` }));
}

/** A Query for one object, or a page of a Scan, as far as it is looked at here. */
export interface TableInput {
  readonly ExpressionAttributeValues?: { readonly ':object': { readonly S: string } };
  readonly ExclusiveStartKey?: { readonly position: { readonly N: string } };
}

/** DynamoDB as far as a reconciliation asks it, of `count` objects that it makes up. */
export function answerOfTable(count: number) {
  return ({ ExpressionAttributeValues: values, ExclusiveStartKey }: TableInput) => {
    if (values !== undefined) {
      const index = Number(/(\d+)\.jpg$/.exec(values[':object'].S)?.[1]);
      return { Items: hasRecord(index) ? [itemOf(index)] : [] };
    }
    const start = Number(ExclusiveStartKey?.position.N ?? 0);
    const end = Math.min(start + PAGE, count);
    const Items = indexes(start, end).filter(hasRecord).map(itemOf);
    return { Items, ...(end < count && { LastEvaluatedKey: { position: { N: String(end) } } }) };
  };
}

/** S3's listing of `count` objects that it makes up. */
export function answerOfBucket(count: number) {
  return ({ ContinuationToken }: { readonly ContinuationToken?: string }) => {
    const start = Number(ContinuationToken ?? 0);
    const end = Math.min(start + PAGE, count);
    const Contents = indexes(start, end).map((index) => ({
      Key: encodeURIComponent(keyOf(index)),
      Size: 1234,
      ETag: `"e${index}"`,
      LastModified: new Date('2026-11-01T10:00:00Z'),
    }));
    return { Contents, IsTruncated: end < count, NextContinuationToken: String(end) };
  };
}

function indexes(start: number, end: number): number[] {
  return Array.from({ length: Math.max(0, end - start) }, (_, offset) => start + offset);
}
