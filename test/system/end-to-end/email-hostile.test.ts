import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReceivedEmail } from '../../../src/local/servers/mail-server.ts';
import type { LocalStack } from '../../../src/local/stack.ts';
import { htmlElements, htmlLines } from '../../digest/email/read-email.ts';
import { ALERT_PREFIX, ALERT_TO, DIGEST_TO, emailsTo, startEmailStack } from './email-fixture.ts';

/** HTML, a script, quotes, a line break, a header, a mark that turns the reading direction, and an emoji. */
const NAME = `<b>x</b><script>alert(1)</script>"q''\r\nBcc: evil@example.com \u202Egpj.exe 🎉.txt`;
/** The same as every part of an email shows it. */
const SHOWN = `<b>x</b><script>alert(1)</script>"q''\\x0d\\x0aBcc: evil@example.com \\u202egpj.exe 🎉.txt`;

describe('a hostile key', () => {
  let stack: LocalStack;
  let emails: readonly ReceivedEmail[];

  beforeAll(async () => {
    stack = await startEmailStack();
    const { clients, bucketName } = stack;
    await clients.s3.send(
      new PutObjectCommand({ Bucket: bucketName, Key: `${ALERT_PREFIX}${NAME}`, Body: Buffer.from('hello') }),
    );
    await stack.drained();
    await stack.scheduler.tickNow();
    await stack.drained();
    emails = [...(await emailsTo(stack, DIGEST_TO)), ...(await emailsTo(stack, ALERT_TO))];
  });

  afterAll(() => stack?.close());

  it('adds no recipient and no header to the digest and the alert', () => {
    expect(emails.map(({ destination }) => destination)).toEqual(
      [DIGEST_TO, ALERT_TO].map((to) => ({ to: [to], cc: [], bcc: [] })),
    );
    for (const { subject } of emails) expect(subject).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  it('is shown as the same text in both parts', () => {
    for (const { body } of emails) {
      expect(body.text).toContain(SHOWN);
      const html = body.html ?? '';
      expect(htmlLines(html).join('\n')).toContain(SHOWN);
      const names = htmlElements(html).map(({ name }) => name);
      expect(names).not.toContain('script');
      expect(names).not.toContain('b');
    }
  });
});
