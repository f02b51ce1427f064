import type { Alert } from '../digest/alerts/alert-rules.ts';
import type { ClaimAlertsOptions } from '../digest/alerts/claim-alerts.ts';
import { type AlertQueue, enqueueHeldBack } from '../digest/alerts/deliver-alerts.ts';
import { type FollowUps, noteHeldBack, takeHeldBack } from '../digest/alerts/held-back.ts';
import { retry } from '../shared/retry.ts';
import type { ReceivedHeldBack } from './handle-message.ts';
import { type Telemetry, toReason } from './telemetry.ts';

interface TellHeldBackOptions extends ClaimAlertsOptions {
  /** Whether the stack has digests, which name what was held back. */
  readonly hasDigests: boolean;
  readonly queue: AlertQueue;
  readonly log: Telemetry['log'];
}

/**
 * Notes the alerts of a batch that were held back, so that one email a rule reports them when the minute is over, and
 * takes those of earlier minutes whose messages have come. Never throws: no email is worth failing a batch.
 *
 * @returns the alerts about earlier minutes, and the ids of the messages that must come back.
 */
export async function tellHeldBack(
  received: readonly ReceivedHeldBack[],
  heldBack: readonly Alert[],
  options: TellHeldBackOptions,
): Promise<FollowUps & { readonly comeBack: readonly string[] }> {
  if (heldBack.length > 0 && !options.hasDigests) await note(heldBack, options);
  const taken: FollowUps[] = [];
  const comeBack: string[] = [];
  for (const { messageId, minute } of received) {
    try {
      taken.push(await takeHeldBack(minute, options));
    } catch (error) {
      comeBack.push(messageId);
      options.log('warn', 'Email about held-back alerts not sent, its message is tried again', {
        reason: toReason(error),
      });
    }
  }
  const alerts = taken.flatMap((each) => each.alerts);
  return { alerts, failed: taken.flatMap(({ failed }) => failed), comeBack };
}

async function note(heldBack: readonly Alert[], options: TellHeldBackOptions): Promise<void> {
  const { queue, log } = options;
  const enqueue = (minute: string, delaySeconds: number) =>
    retry((signal) => enqueueHeldBack({ minute }, delaySeconds, queue, signal), options);
  try {
    await noteHeldBack(heldBack, { ...options, enqueue });
  } catch (error) {
    log('warn', 'Perhaps no email will report the held-back alerts', { reason: toReason(error) });
  }
}
