import { type EmailSettings, identitiesOf } from '../../contract/email-settings.ts';
import { visibleText } from '../../shared/text.ts';
import { readEmailSettings } from '../email-settings.ts';
import { type Check, MAKE_ANEW, note, ok, REVERT_DRIFT, wrong } from './check.ts';
import type { Deployment } from './deployment.ts';

/** Whether each digest has its schedule, and it is enabled. */
export const digestSchedules: Check = {
  name: 'schedules',
  needs: [
    'scheduler:ListSchedules',
    'scheduler:GetSchedule',
    'cloudformation:ListStackResources',
    'sqs:GetQueueAttributes',
  ],
  run: async ({ ledger, schedules }) => {
    const { digests = [] } = ledger.resources;
    if (digests.length === 0) return undefined;
    const found = await schedules();
    const missing = digests.filter(({ name }) => !found.some(({ Name }) => Name === name));
    if (missing.length > 0) {
      const names = missing.map(({ name }) => visibleText(name)).join(', ');
      return wrong(
        `the schedule of digest ${names} is gone, or does not send to the queue`,
        `${REVERT_DRIFT}; if it is gone, ${MAKE_ANEW}`,
      );
    }
    const off = found.filter(({ State }) => State !== 'ENABLED').map(({ Name = '' }) => visibleText(Name));
    if (off.length > 0) {
      return wrong(
        `the schedule of digest ${off.join(', ')} is disabled: it is not sent`,
        `enable it in EventBridge Scheduler, or ${REVERT_DRIFT}`,
      );
    }
    return ok(`${digests.map(({ name }) => visibleText(name)).join(', ')}`);
  },
};

/**
 * Emails a day in SES's sandbox; outside, accounts start with 50,000. Source: SES developer guide, "Request production
 * access".
 */
const SANDBOX_EMAILS = 200;

/** Source: SES API reference, GetIdentityVerificationAttributes. */
const MAX_IDENTITIES = 100;

/** Whether SES sends for the sender, and to all recipients. Only where email is configured. */
export const emailSender: Check = {
  name: 'email',
  needs: [
    'lambda:GetFunction',
    'ses:GetIdentityVerificationAttributes',
    'ses:GetSendQuota',
    'ses:GetAccountSendingEnabled',
  ],
  run: async (deployment) => {
    const settings = await readEmailSettings(deployment.ledger);
    if (settings === undefined) return undefined;
    const { sender } = settings;
    const [unverified, { isSandbox, isPaused }] = await Promise.all([
      unverifiedOf([sender], deployment),
      accountOf(deployment),
    ]);
    if (isPaused)
      return wrong('SES has paused the sending of this account', 'see "Account dashboard" in the SES console');
    if (unverified.length > 0) {
      return wrong(
        `SES has verified neither ${visibleText(sender)} nor its domain: no email is sent`,
        `verify it: "aws ses verify-email-identity --email-address ${visibleText(sender)}", then the link in the email that comes`,
      );
    }
    if (!isSandbox) return ok(`SES sends as ${visibleText(sender)}`);
    return diagnoseSandbox(settings, deployment);
  },
};

async function diagnoseSandbox({ sender, digests, alerts }: EmailSettings, deployment: Deployment) {
  const recipients = [...new Set([...alerts, ...digests].flatMap((each) => each.recipients))];
  const refused = await unverifiedOf(recipients, deployment);
  const says = `SES sends as ${visibleText(sender)}, from its sandbox (${SANDBOX_EMAILS} emails a day)`;
  const request = 'request production access in the SES console';
  if (refused.length === 0) return note(`${says}; all recipients are verified`, request);
  return wrong(`${says}, and not to ${refused.map(visibleText).join(', ')}`, `verify each recipient, or ${request}`);
}

/** The addresses of which neither the address nor a domain of it is verified. */
async function unverifiedOf(addresses: readonly string[], { ledger }: Deployment): Promise<string[]> {
  const { GetIdentityVerificationAttributesCommand } = await import('@aws-sdk/client-ses');
  const client = await ledger.clients.ses();
  const identities = [...new Set(addresses.flatMap(identitiesOf))];
  const verified = new Set<string>();
  for (let start = 0; start < identities.length; start += MAX_IDENTITIES) {
    const Identities = identities.slice(start, start + MAX_IDENTITIES);
    const { VerificationAttributes = {} } = await client.send(
      new GetIdentityVerificationAttributesCommand({ Identities }),
    );
    for (const identity of Identities) {
      if (VerificationAttributes[identity]?.VerificationStatus === 'Success') verified.add(identity);
    }
  }
  return addresses.filter((address) => !identitiesOf(address).some((identity) => verified.has(identity)));
}

async function accountOf({ ledger }: Deployment): Promise<{ isSandbox: boolean; isPaused: boolean }> {
  const { GetAccountSendingEnabledCommand, GetSendQuotaCommand } = await import('@aws-sdk/client-ses');
  const client = await ledger.clients.ses();
  const [{ Max24HourSend = 0 }, { Enabled }] = await Promise.all([
    client.send(new GetSendQuotaCommand({})),
    client.send(new GetAccountSendingEnabledCommand({})),
  ]);
  // -1: no limit.
  return { isSandbox: Max24HourSend >= 0 && Max24HourSend <= SANDBOX_EMAILS, isPaused: Enabled === false };
}
