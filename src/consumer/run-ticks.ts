import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { handleTick, type TickOutcome } from '../digest/handle-tick.ts';
import type { ReceivedTick } from './batch-tally.ts';
import type { Invocation } from './invocation.ts';
import type { Mail } from './mail.ts';

/** Milliseconds by which two clocks of AWS's may differ, with room to spare. */
const CLOCKS_DIFFER = 5_000;

export interface TicksOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly mail: Pick<Mail, 'sendDigest'>;
}

/** What became of a tick's message. */
export type TickReport = ReceivedTick & ({ readonly outcome: TickOutcome } | { readonly error: unknown });

/** Sends the digests that are due, one after the other. Never throws: a tick that fails is reported with its error. */
export async function runTicks(
  ticks: readonly ReceivedTick[],
  { mail, ...options }: TicksOptions,
  invocation: Invocation,
): Promise<readonly TickReport[]> {
  const { requestId, milliseconds, remainingMilliseconds } = invocation;
  const reports: TickReport[] = [];
  for (const received of ticks) {
    try {
      const outcome = await handleTick(received.tick, {
        ...options,
        ...invocation,
        // No invocation of the function lives longer than this one may.
        settleMilliseconds: milliseconds + CLOCKS_DIFFER,
        owner: `${received.messageId}/${requestId}`,
        sendDigest: (digest, recipients) => mail.sendDigest(digest, recipients, remainingMilliseconds),
      });
      reports.push({ ...received, outcome });
    } catch (error) {
      reports.push({ ...received, error });
    }
  }
  return reports;
}
