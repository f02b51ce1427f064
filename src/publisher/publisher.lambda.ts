import { Logger } from '@aws-lambda-powertools/logger';
import type { Context, DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { systemClock as clock } from '../shared/clock.ts';
import { readConfig } from './config.ts';
import { StreamHandler } from './handle-stream.ts';
import { createPutEvents } from './put-events.ts';

const target = readConfig();
const logger = new Logger({ serviceName: target.serviceName });
const stream = new StreamHandler({
  target,
  putEvents: createPutEvents(),
  clock,
  log: (level, message, facts) => logger[level](message, { ...facts }),
});

/** Puts an event on the bus for each new record of the table, and for each alert and digest: see {@link StreamHandler}. */
export async function handler(event: DynamoDBStreamEvent, context: Context): Promise<DynamoDBBatchResponse> {
  logger.addContext(context);
  return stream.handle(event, context.getRemainingTimeInMillis());
}
