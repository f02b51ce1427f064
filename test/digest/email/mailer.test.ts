import { describe, expect, it, onTestFinished } from 'vitest';
import { Delivery, MAX_MESSAGE_BYTES, sendEmail } from '../../../src/digest/email/mailer.ts';
import { EmailError, type EmailErrorCode } from '../../../src/digest/email/ses-errors.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { manualClock } from '../../builders/manual-clock.ts';
import { type SesAnswer, type SesAnswers, startSesAnswers } from './ses-answers.ts';

const EMAIL = { subject: 'subject', text: 'text\n', html: '<p>text</p>\n' };
const REGION_FAILED =
  'Email address is not verified. The following identities failed the check in region EU-CENTRAL-1: ';

let ses: SesAnswers;

/** A mailer whose clock moves only while it waits. Its timeouts are real. */
async function mailerWith(answer: (call: number, recipient: string) => SesAnswer, remaining = 30_000) {
  ses = await startSesAnswers(answer);
  onTestFinished(ses.close);
  const { client } = ses;
  const clock = Object.assign(manualClock({ random: () => 0.5 }), { timeout: systemClock.timeout });
  const options = { client, sender: 'ledger@example.com', clock, deadline: remaining };
  return {
    send: (recipients: readonly string[], email = EMAIL) => sendEmail(email, recipients, options),
    waits: clock.sleeps,
  };
}

const refusal = (code: string, message = 'No.', status = 400): SesAnswer => ({ status, code, message });
const throttled = refusal('Throttling', 'Maximum sending rate exceeded.');

async function failureOf(answer: SesAnswer, recipient = 'a@example.com') {
  const { send } = await mailerWith(() => answer, 4_000);
  const { unreached } = await send([recipient]);
  return unreached[0]?.error as EmailError;
}

describe('sendEmail', () => {
  it('sends to each recipient alone, each once', async () => {
    const { send } = await mailerWith(() => 'accepted');
    const delivery = await send(['a@example.com', 'b@example.com', 'a@example.com']);
    expect(delivery).toEqual({ reached: ['a@example.com', 'b@example.com'], unreached: [] });
    expect(ses.recipients).toEqual(['a@example.com', 'b@example.com']);
    expect(delivery.error).toBeUndefined();
    expect(delivery.shouldSendAgain).toBe(false);
  });

  it('waits longer and longer while SES throttles it', async () => {
    const { send, waits } = await mailerWith((call) => (call < 5 ? throttled : 'accepted'));
    const { reached } = await send(['a@example.com']);
    expect(reached).toEqual(['a@example.com']);
    expect(waits).toEqual([250, 500, 1_000, 2_000, 2_500]);
  });

  it('gives up when time is up, without calling for the other recipients', async () => {
    const { send, waits } = await mailerWith(() => throttled, 3_000);
    const delivery = await send(['a@example.com', 'b@example.com']);
    expect(delivery.unreached.map(({ recipient, error }) => [recipient, error.code])).toEqual([
      ['a@example.com', 'email-throttled'],
      ['b@example.com', 'email-throttled'],
    ]);
    expect(waits.reduce((sum, wait) => sum + wait, 0)).toBeLessThan(3_000);
    expect(ses.recipients).not.toContain('b@example.com');
    expect(delivery.shouldSendAgain).toBe(true);
  });

  it('starts no call that could not end in time', async () => {
    const { send } = await mailerWith(() => 'accepted', 400);
    const { unreached } = await send(['a@example.com']);
    expect(unreached[0]?.error.code).toBe('email-out-of-time');
    expect(ses.recipients).toEqual([]);
  });

  it('aborts a call that SES does not answer', async () => {
    const { send } = await mailerWith(() => 'hang', 600);
    const { unreached } = await send(['a@example.com']);
    expect(unreached[0]?.error.code).toBe('email-service-failed');
  });

  it('reaches the others when SES rejects one address, and says who was not reached', async () => {
    const { send } = await mailerWith((_, recipient) =>
      recipient === 'b@example.com' ? refusal('MessageRejected', `${REGION_FAILED}b@example.com`) : 'accepted',
    );
    const delivery = await send(['a@example.com', 'b@example.com', 'c@example.com']);
    expect(delivery.reached).toEqual(['a@example.com', 'c@example.com']);
    const error = delivery.error;
    expect(error?.code).toBe('email-not-verified');
    expect(error?.message).toBe('The email reached 2 of 3 recipients, and not b@example.com.');
    expect(error?.cause).toMatchObject({ message: expect.stringContaining('Verify the sender') });
    // Otherwise those who are reached would get the same email again and again.
    expect(delivery.shouldSendAgain).toBe(false);
  });

  it('says to send again when nobody was reached, or when a failure is transient', async () => {
    const { send } = await mailerWith(() => refusal('MessageRejected'));
    expect((await send(['a@example.com'])).shouldSendAgain).toBe(true);
    await ses.close();
    const { send: sendSecond } = await mailerWith((call) =>
      call === 0 ? 'accepted' : refusal('InternalFailure', '', 500),
    );
    expect((await sendSecond(['a@example.com', 'b@example.com'])).shouldSendAgain).toBe(true);
  });

  it('does not call SES for an invalid address, such as one that would add a header', async () => {
    const { send } = await mailerWith(() => 'accepted');
    const bad = ['a@example.com\r\nBcc: all@example.com', 'Team <a@example.com>', 'a@example.com, b@example.com', ''];
    const { reached, unreached } = await send([...bad, 'c@example.com']);
    expect(unreached.map(({ error }) => error.code)).toEqual(bad.map(() => 'email-bad-address'));
    expect(unreached[0]?.error.message).not.toMatch(/[\r\n]/);
    expect(reached).toEqual(['c@example.com']);
    expect(ses.recipients).toEqual(['c@example.com']);
  });

  it('does not send an email that is larger than SES takes', async () => {
    const { send } = await mailerWith(() => 'accepted');
    const large = { ...EMAIL, html: 'x'.repeat(MAX_MESSAGE_BYTES * 0.75) };
    const { unreached } = await send(['a@example.com'], large);
    expect(unreached[0]?.error.code).toBe('email-too-large');
    expect(ses.recipients).toEqual([]);
  });
});

describe('sendEmail when SES fails', () => {
  it.each([
    ['MessageRejected', `${REGION_FAILED}a@example.com`, 'email-not-verified', /Verify the sender.*sandbox/],
    ['MailFromDomainNotVerifiedException', 'No.', 'email-not-verified', /Verify/],
    ['MessageRejected', 'Address blacklisted.', 'email-rejected', /Address blacklisted\. Fix the cause/],
    ['InvalidParameterValue', 'Illegal address', 'email-rejected', /Illegal address/],
    ['ConfigurationSetDoesNotExist', 'Gone.', 'email-rejected', /configuration set/],
    ['AccessDenied', 'User is not authorized', 'email-not-allowed', /ses:SendRawEmail/],
    ['AccountSendingPausedException', 'Paused.', 'email-sending-paused', /resume sending/],
    ['Throttling', 'Maximum sending rate exceeded.', 'email-throttled', /sending rate/],
    ['Throttling', 'Daily message quota exceeded.', 'email-quota-used-up', /daily quota/],
    ['InternalFailure', 'Oops', 'email-service-failed', /tried again/],
  ])('turns %s (%s) into %s, and says what to do', async (code, message, ours, advice) => {
    const error = await failureOf(refusal(code, message, code === 'InternalFailure' ? 500 : 400));
    expect(error).toBeInstanceOf(EmailError);
    expect(error.code).toBe(ours);
    expect(error.message).toMatch(advice);
    expect(error.message).toContain('a@example.com');
    expect(error.cause).toBeInstanceOf(Error);
  });

  it('stops when the error concerns the account, because the others would fail as well', async () => {
    const { send } = await mailerWith(() => refusal('AccountSendingPausedException'));
    const { unreached } = await send(['a@example.com', 'b@example.com', 'c@example.com']);
    expect(unreached).toHaveLength(3);
    expect(ses.recipients).toHaveLength(1);
  });

  it('fails when SES cannot be reached at all', async () => {
    const { send } = await mailerWith(() => 'accepted');
    await ses.close();
    const { unreached } = await send(['a@example.com']);
    expect(unreached[0]?.error.code).toBe('email-service-failed');
  });
});

/** Who was reached, and who was not, with the code of the reason. */
function delivery(reached: readonly string[], unreached: Readonly<Record<string, EmailErrorCode>> = {}): Delivery {
  return new Delivery(
    reached,
    Object.entries(unreached).map(([recipient, code]) => ({
      recipient,
      error: new EmailError(code, `No email to ${recipient}.`),
    })),
  );
}

describe('Delivery to everybody', () => {
  it('has no error and is not sent again', () => {
    expect(delivery(['a@example.com']).error).toBeUndefined();
    expect(delivery(['a@example.com']).shouldSendAgain).toBe(false);
    expect(delivery([]).shouldSendAgain).toBe(false);
  });
});

describe('Delivery to some or nobody', () => {
  it('names who was not reached, and why the first was not', () => {
    const mixed = delivery(['a@example.com'], {
      'b@example.com': 'email-rejected',
      'c@example.com': 'email-throttled',
    });
    expect(mixed.error).toMatchObject({
      name: 'EmailError',
      code: 'email-rejected',
      message: 'The email reached 1 of 3 recipients, and not b@example.com, c@example.com.',
      cause: mixed.unreached[0]?.error,
    });
  });

  it('is sent again when nobody was reached, whatever the reason', () => {
    expect(delivery([], { 'b@example.com': 'email-not-allowed' }).shouldSendAgain).toBe(true);
  });

  it('is sent again when one of the failures is transient', () => {
    const reasons = { 'b@example.com': 'email-rejected', 'c@example.com': 'email-out-of-time' } as const;
    expect(delivery(['a@example.com'], reasons).shouldSendAgain).toBe(true);
  });

  it('is not sent again when SES rejected one recipient for good and reached another', () => {
    expect(delivery(['a@example.com'], { 'b@example.com': 'email-rejected' }).shouldSendAgain).toBe(false);
  });
});
