import { setTimeout as sleep } from 'node:timers/promises';
import type { SESClient } from '@aws-sdk/client-ses';
import type { Alert } from '../digest/alerts/alert-rules.ts';
import type { Digest } from '../digest/email/digest-email.ts';
import type { Email } from '../digest/email/email-content.ts';
import { type Delivery, deliveryError, shouldSendAgain } from '../digest/email/mailer.ts';
import { toReason } from './email-report.ts';
import type { Telemetry } from './telemetry.ts';

/** The way to SES: renders what there is to tell, and sends it. */
export interface Mail {
  /**
   * @param remainingMilliseconds Until when it has to be done, trying again included.
   * @throws what kept the email from being sent, with what to do about it.
   */
  sendDigest(digest: Digest, recipients: readonly string[], remainingMilliseconds: () => number): Promise<void>;
  /** As {@link sendDigest}, to the recipients of the alert's rule. */
  sendAlert(alert: Alert, remainingMilliseconds: () => number): Promise<void>;
}

export interface SesMailOptions {
  /** Called at the first email; the SES client is not loaded before. */
  readonly client: () => Promise<SESClient>;
  readonly sender: string;
  /** Told of recipients whom an email did not reach that has reached others. */
  readonly log: Telemetry['log'];
}

/** The way to SES. Nothing is loaded before the first email: neither the renderer nor SES's client. */
export function openSesMail(options: SesMailOptions): Mail {
  return {
    sendDigest: async (digest, recipients, remainingMilliseconds) => {
      const { renderDigest } = await import('../digest/email/digest-email.ts');
      const delivery = await send(renderDigest(digest), recipients, remainingMilliseconds, options);
      judge(delivery, shouldSendAgain(delivery), { digest: digest.name }, options);
    },
    sendAlert: async (alert, remainingMilliseconds) => {
      const { renderAlert } = await import('../digest/email/alert-email.ts');
      const { name, recipients } = alert.rule;
      const delivery = await send(renderAlert(alert), recipients, remainingMilliseconds, options);
      judge(delivery, delivery.reached.length === 0, { alert: name }, options);
    },
  };
}

async function send(
  email: Email,
  recipients: readonly string[],
  remainingMilliseconds: () => number,
  { client, sender }: SesMailOptions,
): Promise<Delivery> {
  const [{ openMailer }, ses] = await Promise.all([import('../digest/email/mailer.ts'), client()]);
  const mailer = openMailer({ client: ses, sender, remainingMilliseconds, sleep, random: Math.random });
  return mailer.send(email, recipients);
}

/** @throws {EmailError} when the email has failed; what it did not reach otherwise is told. */
function judge(
  delivery: Delivery,
  hasFailed: boolean,
  what: Readonly<Record<string, string>>,
  { log }: SesMailOptions,
): void {
  const error = deliveryError(delivery);
  if (error === undefined) return;
  if (hasFailed) throw error;
  log('warn', 'Email did not reach everybody', { ...what, reason: toReason(error) });
}
