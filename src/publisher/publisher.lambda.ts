import { Logger } from '@aws-lambda-powertools/logger';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { Context, DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import type { PutEvents } from '../events/publish.ts';
import { systemClock as clock } from '../shared/clock.ts';
import { SDK_TIMEOUTS } from '../shared/retry.ts';
import { readConfig } from './config.ts';
import { StreamHandler } from './handle-stream.ts';

const target = readConfig();
const logger = new Logger({ serviceName: target.serviceName });
/**
 * Each call is made once: `publish` repeats those that fail, without the entries that are on the bus. The SDK reads
 * Region, credentials and endpoint from Lambda's environment, `AWS_ENDPOINT_URL` included.
 */
const client = new EventBridgeClient({ requestHandler: SDK_TIMEOUTS, maxAttempts: 1 });
const putEvents: PutEvents = async (entries, abortSignal) => {
  const { Entries = [] } = await client.send(new PutEventsCommand({ Entries: [...entries] }), { abortSignal });
  return Entries;
};
const stream = new StreamHandler({
  target,
  putEvents,
  clock,
  log: (level, message, facts) => logger[level](message, { ...facts }),
});

/** Puts an event on the bus for each new record of the table, and for each alert and digest: see {@link StreamHandler}. */
export async function handler(event: DynamoDBStreamEvent, context: Context): Promise<DynamoDBBatchResponse> {
  logger.addContext(context);
  return stream.handle(event, context.getRemainingTimeInMillis());
}
