import { SUMMARY_DAYS } from '../../src/contract/digest-tick.ts';
import type { EmailSettings } from '../../src/contract/email-settings.ts';
import { longestGapDays, readScheduleExpression } from '../../src/shared/schedule-expression.ts';
import type { Configuration } from '../settings/configuration.ts';

/** What the function has to know to send digests and alerts; undefined when neither is configured. */
export function functionEmailSettings(configuration: Configuration): EmailSettings | undefined {
  const { emailSender: sender, digests = [], alerts = [], alertsPerMinute, consoleUrl } = configuration;
  if (sender === undefined || digests.length + alerts.length === 0) return undefined;
  return {
    sender,
    digests: digests.map(({ schedule, timeZone = 'UTC', minimumUploads = 1, ...digest }) => {
      return { ...digest, timeZone, minimumUploads, maxWaitDays: maxWaitDays(schedule) };
    }),
    alerts: alerts.map(({ timeZone = 'UTC', ...rule }) => ({ ...rule, timeZone })),
    alertsPerMinute,
    ...(consoleUrl !== undefined && { consoleUrl }),
  };
}

/**
 * How long a digest may wait for uploads, so that it is sent before its summaries expire, even if one of its times is
 * skipped or fails.
 */
export function maxWaitDays(schedule: string): number {
  const expression = readScheduleExpression(schedule);
  if (typeof expression === 'string') return 0;
  return Math.max(0, SUMMARY_DAYS - 2 * longestGapDays(expression));
}
