import { ENVIRONMENT } from '../../src/contract/environment.ts';
import { type EmailConfiguration, sendsEmail } from './sends-email.ts';

/** The part of the function's environment that is about email; nothing when none is sent. */
export function emailEnvironment(configuration: EmailConfiguration): Record<string, string> {
  const { emailSender, alerts = [], alertsPerMinute } = configuration;
  if (emailSender === undefined || !sendsEmail(configuration)) return {};
  return {
    [ENVIRONMENT.emailSender]: emailSender,
    ...(alerts.length > 0 && {
      [ENVIRONMENT.alertRules]: JSON.stringify(alerts),
      [ENVIRONMENT.alertsPerMinute]: String(alertsPerMinute),
    }),
  };
}
