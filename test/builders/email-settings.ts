import type { AlertRule, DigestSettings, EmailSettings } from '../../src/contract/email-settings.ts';

/** The email settings of a stack without digests and alerts, unless it says otherwise. */
export function emailSettings(parts: Partial<EmailSettings> = {}): EmailSettings {
  return { sender: 'ledger@example.com', digests: [], alerts: [], alertsPerMinute: 10, ...parts };
}

/** A digest to one recipient that waits for no uploads. */
export function digestSettings(name: string, parts: Partial<DigestSettings> = {}): DigestSettings {
  const settings = { recipients: ['team@example.com'], timeZone: 'UTC', minimumUploads: 1, maxWaitDays: 4 };
  return { name, ...settings, ...parts };
}

/** A rule to one recipient, for all uploads unless it has conditions. */
export function alertRule(name: string, conditions: Partial<AlertRule> = { everything: true }): AlertRule {
  return { name, recipients: ['team@example.com'], timeZone: 'UTC', ...conditions };
}
