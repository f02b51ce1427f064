import { SESClient } from '@aws-sdk/client-ses';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderAlert } from '../../../src/digest/email/alert-email.ts';
import { renderDigest } from '../../../src/digest/email/digest-email.ts';
import type { Email } from '../../../src/digest/email/email-content.ts';
import { sendEmail } from '../../../src/digest/email/mailer.ts';
import { type MailServer, startMailServer } from '../../../src/local/servers/mail-server.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { LEDGER } from '../../builders/email-settings.ts';
import { alert, mention, richAlert, richDigest, UNTRUSTED_KEY } from './email-samples.ts';

let server: MailServer;
let client: SESClient;

beforeAll(async () => {
  server = await startMailServer();
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  client = new SESClient({ endpoint: server.endpoint, region: 'eu-central-1', credentials, maxAttempts: 1 });
});

afterAll(async () => {
  client.destroy();
  await server.close();
});

async function arrived(email: Email, recipients: readonly string[] = ['team@example.com']) {
  const before = (await server.emails()).length;
  const options = { client, sender: 'ledger@example.com', clock: systemClock, deadline: Date.now() + 30_000 };
  expect(await sendEmail(email, recipients, options)).toEqual({ reached: recipients, unreached: [] });
  return (await server.emails()).slice(before);
}

/** The emulator keeps what its own MIME reader has read from the message. */
describe('an email sent through SES', () => {
  it.each([
    ['digest', renderDigest(richDigest(), LEDGER)],
    ['alert', renderAlert(richAlert(), LEDGER)],
    ['alert of one untrusted key', renderAlert(alert({ mentions: [mention({ key: UNTRUSTED_KEY })] }), LEDGER)],
  ])('arrives as the %s that was sent, in both parts', async (_, email) => {
    const [received] = await arrived(email);
    expect(received?.subject).toBe(email.subject);
    expect(received?.body.text).toBe(email.text);
    expect(received?.body.html).toBe(email.html);
    expect(received?.from).toBe('"upload-ledger" <ledger@example.com>');
  });

  it('arrives at each recipient alone', async () => {
    const received = await arrived(renderAlert(alert(), LEDGER), ['a@example.com', 'b@example.com']);
    expect(received.map(({ destination }) => destination)).toEqual([
      { to: ['a@example.com'], cc: [], bcc: [] },
      { to: ['b@example.com'], cc: [], bcc: [] },
    ]);
  });
});
