import { expect, it, onTestFinished, vi } from 'vitest';
import { lazySesClient } from '../../src/consumer/clients.ts';
import { openSesMail } from '../../src/consumer/ses-mail.ts';
import type { Alert } from '../../src/digest/alert.ts';
import { startSesAnswers } from '../digest/ses-answers.ts';

const alert: Alert = {
  rule: { name: 'large', recipients: ['team@example.com'], timeZone: 'UTC', minimumBytes: 1 },
  count: 1,
  bytes: 1000,
  buckets: [],
  mentions: [],
};

it('asks SES once when it is slow to answer: a call that is repeated may send its email twice', async () => {
  const ses = await startSesAnswers(() => 'hang');
  onTestFinished(() => ses.close());
  vi.stubEnv(
    'AWS_ENDPOINT_URL_SES',
    await ses.client.config.endpoint?.().then(({ hostname, port }) => `http://${hostname}:${port}`),
  );
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
  onTestFinished(() => void vi.unstubAllEnvs());
  const mail = openSesMail({ client: lazySesClient(), sender: 'ledger@example.com', log: () => undefined });
  // More than the SDK would wait for any other service before it tries again, less than the mailer waits.
  await expect(mail.sendAlert(alert, () => 4_000)).rejects.toThrow('reached 0 of 1');
  expect(ses.asked).toEqual(['team@example.com']);
});
