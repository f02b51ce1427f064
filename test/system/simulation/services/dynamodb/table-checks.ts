import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { LIMITS } from '../../../../../src/contract/limits.ts';
import { TABLE } from '../../../../../src/contract/table.ts';
import { type Placeholders, parseCondition } from './expressions.ts';
import { type Item, sizeOf } from './stored-item.ts';
import { invalid } from './table-errors.ts';

/**
 * @param showsItem Whether the answer holds the item that does not meet it.
 * @throws what DynamoDB answers when the condition is not met.
 */
export function checkCondition(
  item: Item | undefined,
  expression: string | undefined,
  placeholders: Placeholders,
  showsItem = false,
): void {
  const condition = expression === undefined ? () => true : parseCondition(expression, placeholders);
  placeholders.checkUse();
  if (condition(item ?? {})) return;
  const $metadata = { httpStatusCode: 400 };
  throw new ConditionalCheckFailedException({
    message: 'The conditional request failed',
    $metadata,
    ...(showsItem && item !== undefined && { Item: item }),
  });
}

/** @throws what DynamoDB answers to a batch with too many entries, or two for one key. */
export function checkDistinct(keys: readonly string[], max: number): void {
  if (keys.length < 1 || keys.length > max) throw invalid(`expected 1 to ${max} entries, got ${keys.length}`);
  if (new Set(keys).size < keys.length) throw invalid('Provided list of item keys contains duplicates');
}

/** @throws what DynamoDB answers to an item that it cannot store. */
export function checked(item: Item): Item {
  const { partitionKey, sortKey } = TABLE;
  const { partitionKeyBytes, sortKeyBytes, itemBytes } = LIMITS.dynamodb;
  checkKey(item, partitionKey, partitionKeyBytes);
  checkKey(item, sortKey, sortKeyBytes);
  for (const index of [TABLE.byDay, TABLE.byUploader]) {
    if (item[index.partitionKey] !== undefined) checkKey(item, index.partitionKey, partitionKeyBytes);
    if (item[index.sortKey] !== undefined) checkKey(item, index.sortKey, sortKeyBytes);
  }
  if (sizeOf(item) > itemBytes) throw invalid('Item size has exceeded the maximum allowed size');
  return item;
}

function checkKey(item: Item, attribute: string, max: number): void {
  const bytes = Buffer.byteLength(item[attribute]?.S ?? '');
  if (bytes < 1 || bytes > max) throw invalid(`expected 1 to ${max} bytes in ${attribute}, got ${bytes}`);
}
