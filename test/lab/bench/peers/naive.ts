import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { SQSEvent } from 'aws-lambda';
import { toUploadItem } from './upload-item.ts';

const documents = DynamoDBDocumentClient.from(new DynamoDBClient());
const TableName = process.env.LEDGER_TABLE_NAME;

/**
 * What most tutorials show: one message after the other, one PutItem and one log line each, and no partial failures.
 */
export async function handler(event: SQSEvent): Promise<void> {
  for (const message of event.Records) {
    for (const record of JSON.parse(message.body).Records) {
      const item = toUploadItem(record);
      await documents.send(new PutCommand({ TableName, Item: item }));
      // biome-ignore lint/suspicious/noConsole: what the peer is about
      console.log('Saved upload', JSON.stringify(item));
    }
  }
}
