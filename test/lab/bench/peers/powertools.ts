import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Context, SQSEvent, SQSRecord } from 'aws-lambda';
import { toUploadItem } from './upload-item.ts';

const documents = DynamoDBDocumentClient.from(new DynamoDBClient());
const processor = new BatchProcessor(EventType.SQS);
const logger = new Logger({ serviceName: 'uploads' });
const TableName = process.env.LEDGER_TABLE_NAME;

/**
 * What Powertools' documentation leads to: all messages at once with partial failures, one PutCommand and one log
 * line each.
 */
async function recordHandler(message: SQSRecord): Promise<void> {
  for (const record of JSON.parse(message.body).Records) {
    const item = toUploadItem(record);
    await documents.send(new PutCommand({ TableName, Item: item }));
    logger.info('Upload recorded', { s3_object: item.s3_object, filesize: item.filesize });
  }
}

export async function handler(event: SQSEvent, context: Context) {
  logger.addContext(context);
  return processPartialResponse(event, recordHandler, processor, { context });
}
