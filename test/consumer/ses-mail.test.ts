import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createSesMail } from '../../src/consumer/ses-mail.ts';
import { type Alert, toAlert } from '../../src/digest/alerts/alert-rules.ts';
import type { Digest } from '../../src/digest/email/digest-email.ts';
import { EmailError } from '../../src/digest/email/ses-errors.ts';
import { summarise } from '../../src/digest/summary/summarise.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { alertRule, LEDGER } from '../builders/email-settings.ts';
import { type SesAnswer, type SesAnswers, startSesAnswers } from '../digest/email/ses-answers.ts';
import { record, records } from '../digest/records.ts';

const REJECTED: SesAnswer = { status: 400, code: 'MessageRejected', message: 'Email address is not verified.' };
const BROKEN: SesAnswer = { status: 500, code: 'InternalFailure', message: 'Sorry.' };
const within = (milliseconds: number) => Date.now() + milliseconds;
const soon = within(10_000);

const digest: Digest = {
  name: 'daily',
  timeZone: 'UTC',
  since: '2026-11-22T10:00:00.000Z',
  until: '2026-11-22T10:15:00.000Z',
  summary: summarise(records(3), { failed: 0, quarantined: 0, heldBack: [], now: Date.now() }),
  batches: 1,
};

let ses: SesAnswers;

/** Mail of a stack whose SES answers so for each recipient. */
async function mailWith(answers: Readonly<Record<string, SesAnswer>>) {
  ses = await startSesAnswers((_, recipient) => answers[recipient] ?? 'accepted');
  onTestFinished(ses.close);
  const log = vi.fn();
  const client = vi.fn(async () => ses.client);
  return {
    mail: createSesMail({ loadClient: client, sender: 'ledger@example.com', ledger: LEDGER, log, clock: systemClock }),
    log,
    client,
  };
}

const alertTo = (...recipients: string[]): Alert => {
  const mentions = [{ ...record(), bucket: 'b', key: 'k', filesize: 1000, uploadId: '1' }];
  return toAlert('1', alertRule('large', { recipients, minimumBytes: 1 }), {
    count: 1,
    bytes: 1000,
    buckets: ['b'],
    mentions,
  });
};

describe('createSesMail', () => {
  it('loads the client at the first email, and sends to each recipient alone', async () => {
    const { mail, log, client } = await mailWith({});
    expect(client).not.toHaveBeenCalled();
    await mail.sendDigest(digest, ['a@example.com', 'b@example.com'], soon);
    expect(ses.recipients).toEqual(['a@example.com', 'b@example.com']);
    expect(log).not.toHaveBeenCalled();
  });

  it.each([
    ['digest', (mail: Awaited<ReturnType<typeof mailWith>>['mail'], to: string[]) => mail.sendDigest(digest, to, soon)],
    [
      'alert',
      (mail: Awaited<ReturnType<typeof mailWith>>['mail'], to: string[]) => mail.sendAlert(alertTo(...to), soon),
    ],
  ])('counts a %s as sent that SES rejects for one of several recipients, and logs it', async (kind, send) => {
    const { mail, log } = await mailWith({ 'b@example.com': REJECTED });
    await send(mail, ['a@example.com', 'b@example.com', 'c@example.com']);
    expect(ses.recipients).toEqual(['a@example.com', 'b@example.com', 'c@example.com']);
    const [level, , facts] = log.mock.calls[0] ?? [];
    expect(level).toBe('warn');
    expect(Object.keys(facts)).toEqual([kind, 'reason']);
    expect(facts.reason).toMatch(/not b@example\.com\..*Verify the sender/);
  });

  it('fails a digest that reaches nobody, or that may reach the others later', async () => {
    const { mail } = await mailWith({ 'a@example.com': REJECTED, 'c@example.com': BROKEN });
    await expect(mail.sendDigest(digest, ['a@example.com'], soon)).rejects.toThrow(EmailError);
    await expect(mail.sendDigest(digest, ['b@example.com', 'c@example.com'], soon)).rejects.toThrow(
      '1 of 2 recipients',
    );
  });

  it('fails an alert only when it reaches nobody', async () => {
    const { mail } = await mailWith({ 'c@example.com': BROKEN });
    await expect(mail.sendAlert(alertTo('c@example.com'), soon)).rejects.toThrow(EmailError);
    await mail.sendAlert(alertTo('b@example.com', 'c@example.com'), soon);
  });

  it('gives up at its deadline', async () => {
    const { mail } = await mailWith({ 'a@example.com': 'hang' });
    await expect(mail.sendAlert(alertTo('a@example.com'), within(600))).rejects.toThrow(EmailError);
    await expect(mail.sendAlert(alertTo('a@example.com'), within(0))).rejects.toThrow(EmailError);
  });
});
