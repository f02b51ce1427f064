import type { SQSEvent } from 'aws-lambda';
import { sendSigned } from './signed-request.ts';
import { toUploadItem, type UploadItem } from './upload-item.ts';

const TABLE_NAME = process.env.LEDGER_TABLE_NAME ?? '';
const PUTS_A_CALL = 25;
const CALLS_IN_FLIGHT = 8;

/**
 * The floor: the least that can be done in Node. No SDK, no metrics, no check of anything; one log line a batch. It
 * never gives up on what comes back unprocessed, and any other failure fails the batch.
 */
export async function handler(event: SQSEvent) {
  const puts: string[] = [];
  for (const message of event.Records) {
    for (const record of JSON.parse(message.body).Records) puts.push(toPut(toUploadItem(record)));
  }
  await Promise.all(Array.from({ length: CALLS_IN_FLIGHT }, () => drain(puts)));
  process.stdout.write(`{"level":"INFO","message":"Batch recorded","messages":${event.Records.length}}\n`);
  return { batchItemFailures: [] };
}

async function drain(puts: string[]): Promise<void> {
  while (puts.length > 0) {
    const call = puts.splice(-PUTS_A_CALL);
    const answer = await sendSigned(`{"RequestItems":{"${TABLE_NAME}":[${call.join(',')}]}}`);
    const { UnprocessedItems, __type = '' } = JSON.parse(answer);
    if (UnprocessedItems !== undefined) {
      for (const put of UnprocessedItems[TABLE_NAME] ?? []) puts.push(JSON.stringify(put));
    } else if (__type.endsWith('#ProvisionedThroughputExceededException')) puts.push(...call);
    else throw new Error(answer);
  }
}

function toPut(item: UploadItem): string {
  const attributes: Record<string, { readonly N: string } | { readonly S: string }> = {};
  for (const name in item) {
    const value = item[name];
    attributes[name] = typeof value === 'number' ? { N: String(value) } : { S: String(value) };
  }
  return `{"PutRequest":{"Item":${JSON.stringify(attributes)}}}`;
}
