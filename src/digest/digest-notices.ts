import { formatNumberOf } from '../shared/format.ts';
import type { BatchSummary } from './batch-summary.ts';
import type { Notice } from './email-content.ts';

/** What went wrong, and what to do: the most urgent first. */
export function digestNotices({ quarantined, failed, alertsHeldBack }: BatchSummary): readonly Notice[] {
  return [
    ...(quarantined > 0 ? [quarantinedNotice(quarantined)] : []),
    ...(failed > 0 ? [failedNotice(failed)] : []),
    ...(alertsHeldBack > 0 ? [heldBackNotice(alertsHeldBack)] : []),
  ];
}

function quarantinedNotice(count: number): Notice {
  return {
    title: `${formatNumberOf(count, 'message')} quarantined`,
    advice: 'No retry can record what these say. They wait in the dead-letter queue, each with its reason:',
    command: 'upload-ledger dlq list',
  };
}

function failedNotice(count: number): Notice {
  return {
    title: formatNumberOf(count, 'failed try', 'failed tries'),
    advice:
      'Failed messages come back by themselves. One that keeps failing ends in the dead-letter queue; once the cause is gone, send it back:',
    command: 'upload-ledger dlq redrive',
  };
}

function heldBackNotice(count: number): Notice {
  return {
    title: `${formatNumberOf(count, 'alert')} held back`,
    advice:
      'More alerts matched than the stack may send in a minute. Their uploads are recorded and counted here. Narrow the rules, or raise alertsPerMinute.',
  };
}
