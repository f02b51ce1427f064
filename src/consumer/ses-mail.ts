import type { SESClient } from '@aws-sdk/client-ses';
import type { Alert } from '../digest/alerts/alert-rules.ts';
import type { Digest } from '../digest/email/digest-email.ts';
import type { Email } from '../digest/email/email-content.ts';
import type { Clock } from '../shared/clock.ts';
import { type Telemetry, toReason } from './telemetry.ts';

/** Renders digests and alerts, and sends them. */
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
  readonly log: Telemetry['log'];
  readonly clock: Clock;
}

/**
 * Sends by SES. Nothing is loaded before the first email: neither the renderer nor SES's client.
 *
 * An email that reached some recipients and failed for good with others counts as sent; the log says whom it missed.
 */
export function createSesMail(options: SesMailOptions): Mail {
  return {
    sendDigest: async (digest, recipients, remainingMilliseconds) => {
      const { renderDigest } = await import('../digest/email/digest-email.ts');
      const sent = await send(renderDigest(digest), recipients, remainingMilliseconds, options);
      if (sent.error === undefined) return;
      if (sent.shouldSendAgain) throw sent.error;
      logMissed({ digest: digest.name }, sent.error, options);
    },
    sendAlert: async (alert, remainingMilliseconds) => {
      const { renderAlert } = await import('../digest/email/alert-email.ts');
      const { name, recipients } = alert.rule;
      const sent = await send(renderAlert(alert), recipients, remainingMilliseconds, options);
      if (sent.error === undefined) return;
      if (sent.reached.length === 0) throw sent.error;
      logMissed({ alert: name }, sent.error, options);
    },
  };
}

async function send(
  email: Email,
  recipients: readonly string[],
  remainingMilliseconds: () => number,
  { client, sender, clock }: SesMailOptions,
) {
  const [mailers, ses] = await Promise.all([import('../digest/email/mailer.ts'), client()]);
  const { sleep, random } = clock;
  const mailer = mailers.openMailer({ client: ses, sender, remainingMilliseconds, sleep, random });
  const delivery = await mailer.send(email, recipients);
  const error = mailers.deliveryError(delivery);
  return { reached: delivery.reached, error, shouldSendAgain: mailers.shouldSendAgain(delivery) };
}

function logMissed(what: Readonly<Record<string, string>>, error: Error, { log }: SesMailOptions): void {
  log('warn', 'Email did not reach everybody', { ...what, reason: toReason(error) });
}
