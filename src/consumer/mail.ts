import type { Alert } from '../digest/alert.ts';
import type { Digest } from '../digest/digest.ts';

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
