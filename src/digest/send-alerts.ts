import type { Alert } from './alert.ts';

/** One alert email that could not be sent. */
export interface FailedAlert {
  readonly alert: Alert;
  readonly error: unknown;
}

export interface SentAlerts {
  readonly sent: number;
  readonly failed: readonly FailedAlert[];
}

/**
 * Sends the alert emails one after the other. Never throws: the uploads are recorded, and no email is worth recording
 * them again. What failed is for the log and the metrics, and is not tried again.
 *
 * @param sendAlert Renders one alert and sends it to its recipients, within the invocation's remaining time.
 */
export async function sendAlerts(
  alerts: readonly Alert[],
  sendAlert: (alert: Alert) => Promise<void>,
): Promise<SentAlerts> {
  let sent = 0;
  const failed: FailedAlert[] = [];
  for (const alert of alerts) {
    try {
      await sendAlert(alert);
      sent += 1;
    } catch (error) {
      failed.push({ alert, error });
    }
  }
  return { sent, failed };
}
