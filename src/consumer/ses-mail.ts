import type { SESClient } from '@aws-sdk/client-ses';
import type { Alert } from '../digest/alerts/alert-rules.ts';
import type { Digest } from '../digest/email/digest-email.ts';
import type { Email } from '../digest/email/email-content.ts';
import type { EmailLedger } from '../digest/email/email-ledger.ts';
import type { Delivery } from '../digest/email/mailer.ts';
import type { Clock } from '../shared/clock.ts';
import { type Telemetry, toReason } from './telemetry.ts';

/** Renders digests and alerts, and sends them. */
export interface Mail {
  /**
   * @param deadline When sending has to be over, retries included: epoch milliseconds.
   * @throws {EmailError} when the email has failed, with what to do about it.
   */
  sendDigest(digest: Digest, recipients: readonly string[], deadline: number): Promise<void>;
  /** As {@link sendDigest}, to the alert's own recipients. */
  sendAlert(alert: Alert, deadline: number): Promise<void>;
}

interface SesMailOptions {
  /** Called at the first email. */
  readonly loadClient: () => Promise<SESClient>;
  readonly sender: string;
  /** What emails call it. */
  readonly ledger: EmailLedger;
  readonly log: Telemetry['log'];
  readonly clock: Clock;
}

/**
 * Mail through SES. Nothing is loaded before the first email: neither the rendering nor SES's client.
 *
 * An email that reached some recipients and failed for good with others counts as sent; the log says whom it missed.
 */
export function createSesMail({ loadClient, sender, ledger, log, clock }: SesMailOptions): Mail {
  let client: Promise<SESClient> | undefined;
  const send = async (email: Email, recipients: readonly string[], deadline: number) => {
    client ??= loadClient();
    const { sendEmail } = await import('../digest/email/mailer.ts');
    return sendEmail(email, recipients, { client: await client, sender, clock, deadline });
  };
  const check = ({ error }: Delivery, hasFailed: boolean, email: Readonly<Record<string, string>>) => {
    if (error === undefined) return;
    if (hasFailed) throw error;
    log('warn', 'Email did not reach everybody', { ...email, reason: toReason(error) });
  };
  return {
    sendDigest: async (digest, recipients, deadline) => {
      const { renderDigest } = await import('../digest/email/digest-email.ts');
      const delivery = await send(renderDigest(digest, ledger), recipients, deadline);
      check(delivery, delivery.shouldSendAgain, { digest: digest.name });
    },
    // It is tried again for all of its recipients: it fails only when it has reached nobody.
    sendAlert: async (alert, deadline) => {
      const { renderAlert } = await import('../digest/email/alert-email.ts');
      const delivery = await send(renderAlert(alert, ledger), alert.channels.email, deadline);
      check(delivery, delivery.reached.length === 0, { alert: alert.rule.name });
    },
  };
}
