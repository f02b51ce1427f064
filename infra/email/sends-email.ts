import type { Configuration } from '../configuration.ts';

/** What of the configuration decides whether email is sent. */
export type EmailConfiguration = Pick<
  Configuration,
  'emailSender' | 'digests' | 'alerts' | 'alertsPerMinute' | 'sesSandbox'
>;

/** Whether there is anything to send: otherwise nothing of email is deployed. */
export function sendsEmail({ digests = [], alerts = [] }: Pick<EmailConfiguration, 'digests' | 'alerts'>): boolean {
  return digests.length + alerts.length > 0;
}
