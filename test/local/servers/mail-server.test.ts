import { GetSendQuotaCommand, SESClient, SendEmailCommand, VerifyEmailIdentityCommand } from '@aws-sdk/client-ses';
import { expect, it, onTestFinished } from 'vitest';
import { startMailServer } from '../../../src/local/servers/mail-server.ts';
import { TRY_ONCE } from '../../builders/try-once.ts';

/** A mail server and an SES client that tries once, closed when the test ends. */
async function startMail() {
  const server = await startMailServer();
  const client = new SESClient({
    endpoint: server.endpoint,
    ...TRY_ONCE,
  });
  onTestFinished(async () => {
    client.destroy();
    await server.close();
  });
  const send = (subject: string) =>
    client.send(
      new SendEmailCommand({
        Source: 'ledger@example.com',
        Destination: { ToAddresses: ['ops@example.com'] },
        Message: { Subject: { Data: subject }, Body: { Text: { Data: 'text' }, Html: { Data: '<b>html</b>' } } },
      }),
    );
  /** Of this test: servers of one process share their store. */
  const subjects = async () => (await server.emails()).map(({ subject }) => subject);
  return { server, client, send, subjects };
}

it('keeps the emails that an SES client sends', async () => {
  const { server, send } = await startMail();
  const { MessageId } = await send('kept');
  expect((await server.emails()).find(({ messageId }) => messageId === MessageId)).toMatchObject({
    from: 'ledger@example.com',
    destination: { to: ['ops@example.com'], cc: [], bcc: [] },
    subject: 'kept',
    body: { text: 'text', html: '<b>html</b>' },
  });
});

it('refuses every email while it is down, and accepts them again afterwards', async () => {
  const { server, send, subjects } = await startMail();
  server.setDown(true);
  await expect(send('while down')).rejects.toMatchObject({
    name: 'ServiceUnavailable',
    $metadata: { httpStatusCode: 503 },
  });
  server.setDown(false);
  await send('after');
  expect(await subjects()).toContain('after');
  expect(await subjects()).not.toContain('while down');
});

it('shows the inbox, up or down, in a page that loads nothing from elsewhere', async () => {
  const { server } = await startMail();
  server.setDown(true);
  const response = await fetch(server.endpoint);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-security-policy')).toContain("default-src 'self'");
  expect(await response.text()).toContain('<html');
});

it('answers an action that it does not know with an error at once', async () => {
  const { client } = await startMail();
  const refused = (action: string) => ({
    name: 'InvalidAction',
    message: `The local stack does not implement ${action}: nothing was changed.`,
    $metadata: { httpStatusCode: 400 },
  });
  await expect(client.send(new GetSendQuotaCommand())).rejects.toMatchObject(refused('GetSendQuota'));
  const verify = new VerifyEmailIdentityCommand({ EmailAddress: 'a@example.com' });
  await expect(client.send(verify)).rejects.toMatchObject(refused('VerifyEmailIdentity'));
});

it('answers a page of another site with nothing but an error, and keeps its inbox', async () => {
  const { server, send, subjects } = await startMail();
  await send('still there');
  for (const origin of ['https://evil.example', 'http://127.0.0.1:1', 'null']) {
    expect((await fetch(`${server.endpoint}/store`, { headers: { origin } })).status).toBe(403);
    expect((await fetch(`${server.endpoint}/clear-store`, { method: 'POST', headers: { origin } })).status).toBe(403);
  }
  expect(await subjects()).toContain('still there');
  const own = { method: 'POST', headers: { origin: server.endpoint } };
  expect((await fetch(`${server.endpoint}/clear-store`, own)).status).toBe(200);
});

it('shares one store between the servers of a process', async () => {
  const [first, second] = [await startMail(), await startMail()];
  await first.send('seen by both');
  expect(await second.subjects()).toContain('seen by both');
});

it('reports that its port is taken', async () => {
  const { server } = await startMail();
  const port = Number(new URL(server.endpoint).port);
  await expect(startMailServer({ port })).rejects.toMatchObject({ code: 'mail-server' });
});
