import type { AlertRule, DigestSettings, EmailSettings } from '../../src/contract/email-settings.ts';
import type { EmailLedger } from '../../src/digest/email/email-ledger.ts';

export const LOCAL_LEDGER: EmailLedger = { account: '000000000000', region: 'us-east-1' };

/** A deployed ledger whose emails have a link. */
export const LEDGER: EmailLedger = {
  stackName: 'AcmeMedia',
  account: '111122223333',
  region: 'eu-central-1',
  consoleUrl: 'https://ledger.acme.example/?view=search&last=24h',
};

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
