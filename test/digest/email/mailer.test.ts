import { afterEach, describe, expect, it } from 'vitest';
import { Delivery, MAX_MESSAGE_BYTES, sendEmail } from '../../../src/digest/email/mailer.ts';
import { EmailError, type EmailErrorCode } from '../../../src/digest/email/ses-errors.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { manualClock } from '../../builders/manual-clock.ts';
import { type SesAnswer, type SesAnswers, startSesAnswers } from './ses-answers.ts';

const EMAIL = { subject: 'subject', text: 'text\n', html: '<p>text</p>\n' };
const REGION_FAILED =
  'Email address is not verified. The following identities failed the check in region EU-CENTRAL-1: ';

let ses: SesAnswers;
afterEach(() => ses.close());

/** A mailer whose clock moves only while it waits. Its timeouts are real. */
async function mailerWith(answer: (call: number, recipient: string) => SesAnswer, remaining = 30_000) {
  ses = await startSesAnswers(answer);
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

describe('the mailer', () => {
  it('sends to each recipient alone, each once', async () => {
    const { send } = await mailerWith(() => 'taken');
    const delivery = await send(['a@example.com', 'b@example.com', 'a@example.com']);
    expect(delivery).toEqual({ reached: ['a@example.com', 'b@example.com'], unreached: [] });
    expect(ses.asked).toEqual(['a@example.com', 'b@example.com']);
    expect(delivery.error).toBeUndefined();
    expect(delivery.shouldSendAgain).toBe(false);
  });

  it('waits longer and longer while SES throttles it, and then goes on', async () => {
    const { send, waits } = await mailerWith((call) => (call < 5 ? throttled : 'taken'));
    const { reached } = await send(['a@example.com']);
    expect(reached).toEqual(['a@example.com']);
    expect(waits).toEqual([250, 500, 1_000, 2_000, 2_500]);
  });

  it('gives up when the time is up, and does not ask for the others', async () => {
    const { send, waits } = await mailerWith(() => throttled, 3_000);
    const delivery = await send(['a@example.com', 'b@example.com']);
    expect(delivery.unreached.map(({ recipient, error }) => [recipient, error.code])).toEqual([
      ['a@example.com', 'email-throttled'],
      ['b@example.com', 'email-throttled'],
    ]);
    expect(waits.reduce((sum, wait) => sum + wait, 0)).toBeLessThan(3_000);
    expect(ses.asked).not.toContain('b@example.com');
    expect(delivery.shouldSendAgain).toBe(true);
  });

  it('starts no call that could not end in time', async () => {
    const { send } = await mailerWith(() => 'taken', 400);
    const { unreached } = await send(['a@example.com']);
    expect(unreached[0]?.error.code).toBe('email-out-of-time');
    expect(ses.asked).toEqual([]);
  });

  it('cuts off a call that SES does not answer', async () => {
    const { send } = await mailerWith(() => 'hang', 600);
    const { unreached } = await send(['a@example.com']);
    expect(unreached[0]?.error.code).toBe('email-service-failed');
  });

  it('reaches the others when SES refuses one address, and says who was not reached', async () => {
    const { send } = await mailerWith((_, recipient) =>
      recipient === 'b@example.com' ? refusal('MessageRejected', `${REGION_FAILED}b@example.com`) : 'taken',
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

  it('wants to send again when nobody was reached, or when the reason may pass', async () => {
    const { send } = await mailerWith(() => refusal('MessageRejected'));
    expect((await send(['a@example.com'])).shouldSendAgain).toBe(true);
    await ses.close();
    const { send: sendSecond } = await mailerWith((call) =>
      call === 0 ? 'taken' : refusal('InternalFailure', '', 500),
    );
    expect((await sendSecond(['a@example.com', 'b@example.com'])).shouldSendAgain).toBe(true);
  });

  it('does not ask SES about what is no address, such as one that would add a header', async () => {
    const { send } = await mailerWith(() => 'taken');
    const bad = ['a@example.com\r\nBcc: all@example.com', 'Team <a@example.com>', 'a@example.com, b@example.com', ''];
    const { reached, unreached } = await send([...bad, 'c@example.com']);
    expect(unreached.map(({ error }) => error.code)).toEqual(bad.map(() => 'email-bad-address'));
    expect(unreached[0]?.error.message).not.toMatch(/[\r\n]/);
    expect(reached).toEqual(['c@example.com']);
    expect(ses.asked).toEqual(['c@example.com']);
  });

  it('does not send what is larger than SES takes', async () => {
    const { send } = await mailerWith(() => 'taken');
    const large = { ...EMAIL, html: 'x'.repeat(MAX_MESSAGE_BYTES * 0.75) };
    const { unreached } = await send(['a@example.com'], large);
    expect(unreached[0]?.error.code).toBe('email-too-large');
    expect(ses.asked).toEqual([]);
  });
});

describe("SES's errors", () => {
  it.each([
    ['MessageRejected', `${REGION_FAILED}a@example.com`, 'email-not-verified', /Verify the sender.*sandbox/],
    ['MailFromDomainNotVerifiedException', 'No.', 'email-not-verified', /Verify/],
    ['MessageRejected', 'Address blacklisted.', 'email-rejected', /Address blacklisted\. Look at/],
    ['InvalidParameterValue', 'Illegal address', 'email-rejected', /Illegal address/],
    ['ConfigurationSetDoesNotExist', 'Gone.', 'email-rejected', /configuration set/],
    ['AccessDenied', 'User is not authorized', 'email-not-allowed', /ses:SendRawEmail/],
    ['AccountSendingPausedException', 'Paused.', 'email-sending-paused', /resumed/],
    ['Throttling', 'Maximum sending rate exceeded.', 'email-throttled', /sending rate/],
    ['Throttling', 'Daily message quota exceeded.', 'email-quota-used-up', /daily quota/],
    ['InternalFailure', 'Oops', 'email-service-failed', /tried again/],
  ])('%s (%s) becomes %s, and says what to do', async (code, message, ours, advice) => {
    const error = await failureOf(refusal(code, message, code === 'InternalFailure' ? 500 : 400));
    expect(error).toBeInstanceOf(EmailError);
    expect(error.code).toBe(ours);
    expect(error.message).toMatch(advice);
    expect(error.message).toContain('a@example.com');
    expect(error.cause).toBeInstanceOf(Error);
  });

  it('that concern the account end the sending: the others would fail alike', async () => {
    const { send } = await mailerWith(() => refusal('AccountSendingPausedException'));
    const { unreached } = await send(['a@example.com', 'b@example.com', 'c@example.com']);
    expect(unreached).toHaveLength(3);
    expect(ses.asked).toHaveLength(1);
  });

  it('is the same when SES cannot be reached at all', async () => {
    const { send } = await mailerWith(() => 'taken');
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

describe('an email that reached everybody', () => {
  it('is no error and is not sent again', () => {
    expect(delivery(['a@example.com']).error).toBeUndefined();
    expect(delivery(['a@example.com']).shouldSendAgain).toBe(false);
    expect(delivery([]).shouldSendAgain).toBe(false);
  });
});

describe('an email that did not reach everybody', () => {
  it('names those whom it did not reach, and why the first was not', () => {
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

  it('is sent again when it reached nobody, whatever the reason', () => {
    expect(delivery([], { 'b@example.com': 'email-not-allowed' }).shouldSendAgain).toBe(true);
  });

  it('is sent again when one of the reasons may pass', () => {
    const reasons = { 'b@example.com': 'email-rejected', 'c@example.com': 'email-out-of-time' } as const;
    expect(delivery(['a@example.com'], reasons).shouldSendAgain).toBe(true);
  });

  it('is not sent again to those whom it reached for one whom SES refuses for good', () => {
    expect(delivery(['a@example.com'], { 'b@example.com': 'email-rejected' }).shouldSendAgain).toBe(false);
  });
});
