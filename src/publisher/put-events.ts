import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { PutEvents } from '../events/publish.ts';

/** In milliseconds, for the same reasons as those of the consumer's clients. */
const TIMEOUTS = {
  connectionTimeout: 1_000,
  requestTimeout: 3_000,
  socketTimeout: 3_000,
  throwOnRequestTimeout: true,
} as const;

/**
 * The calls to EventBridge. Each is made once: whoever repeats them leaves out the entries that are on the bus. The SDK
 * reads Region, credentials and endpoint from Lambda's environment, `AWS_ENDPOINT_URL` included.
 */
export function createPutEvents(): PutEvents {
  const client = new EventBridgeClient({ requestHandler: TIMEOUTS, maxAttempts: 1 });
  return async (entries, abortSignal) => {
    const { Entries = [] } = await client.send(new PutEventsCommand({ Entries: [...entries] }), { abortSignal });
    return Entries;
  };
}
