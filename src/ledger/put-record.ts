import { ConditionalCheckFailedException, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { TABLE } from '../contract/table.ts';
import { toItem } from './item.ts';
import type { LedgerRecord } from './ledger-record.ts';
import type { ReaderTable } from './reader-query.ts';

type Table = Pick<ReaderTable, 'client' | 'tableName'>;

/** Puts a record where there is none with its key. @returns Whether it was put. */
export async function putIfAbsent({ client, tableName }: Table, record: LedgerRecord): Promise<boolean> {
  try {
    await client.send(
      new PutItemCommand({
        TableName: tableName,
        Item: toItem(record),
        ConditionExpression: 'attribute_not_exists(#key)',
        ExpressionAttributeNames: { '#key': TABLE.partitionKey },
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

/** Puts a record in the place of the one with its key. */
export async function putInPlace({ client, tableName }: Table, record: LedgerRecord): Promise<void> {
  await client.send(new PutItemCommand({ TableName: tableName, Item: toItem(record) }));
}
