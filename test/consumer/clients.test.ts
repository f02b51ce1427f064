import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createDynamoDBClient, loadSesClient } from '../../src/consumer/clients.ts';
import { createSesMail } from '../../src/consumer/ses-mail.ts';
import { type Alert, toAlert } from '../../src/digest/alerts/alert-rules.ts';
import { createBatchWrite } from '../../src/ledger/write/batch-write.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { alertRule, LEDGER } from '../builders/email-settings.ts';
import { startSesAnswers } from '../digest/email/ses-answers.ts';
import { ledgerRecords } from '../ledger/records.ts';
import { type Sent, signatureOf } from '../ledger/write/signature.ts';

const SIGNER = { region: 'eu-west-1', secret: 'wJalrXUtnFEMI' };

it('signs every request as DynamoDB checks it', async () => {
  const sent: Sent[] = [];
  const server = createServer(async (request, response) => {
    const { method, url, headers } = request;
    sent.push({ method, url, headers, body: await text(request) });
    response.end('{"UnprocessedItems":{}}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  vi.stubEnv('AWS_REGION', SIGNER.region);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', SIGNER.secret);
  onTestFinished(() => void vi.unstubAllEnvs());

  const client = createDynamoDBClient();
  const send = createBatchWrite(client, 'ledger');
  for (const record of ledgerRecords(3)) await send([record], new AbortController().signal);
  await client.send(new ListTablesCommand({}));

  expect(sent).toHaveLength(4);
  for (const request of sent) {
    expect(request.headers.authorization).toMatch(new RegExp(`Signature=${signatureOf(request, SIGNER)}$`));
  }
});

const alert: Alert = toAlert('1', alertRule('large'), { count: 1, bytes: 1000, buckets: [], mentions: [] });

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
  const mail = createSesMail({
    loadClient: loadSesClient,
    sender: 'ledger@example.com',
    ledger: LEDGER,
    log: () => undefined,
    clock: systemClock,
  });
  // More than the SDK would wait for any other service before it tries again, less than the mailer waits.
  await expect(mail.sendAlert(alert, Date.now() + 4_000)).rejects.toThrow('reached 0 of 1');
  expect(ses.recipients).toEqual(['team@example.com']);
});
