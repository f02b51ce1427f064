import { afterEach, describe, expect, it } from 'vitest';
import {
  type Delivery,
  deliveryError,
  MESSAGE_BYTES,
  openMailer,
  shouldSendAgain,
} from '../../../src/digest/email/mailer.ts';
import { EmailError, type EmailErrorCode } from '../../../src/digest/email/ses-errors.ts';
import { type SesAnswer, type SesAnswers, startSesAnswers } from './ses-answers.ts';

const EMAIL = { subject: 'subject', text: 'text\n', html: '<p>text</p>\n' };
const REGION_FAILED =
  'Email address is not verified. The following identities failed the check in region EU-CENTRAL-1: ';

let ses: SesAnswers;
afterEach(() => ses.close());

/** A mailer with a clock that moves only while it waits. */
async function mailerWith(answer: (call: number, recipient: string) => SesAnswer, remaining = 30_000) {
  ses = await startSesAnswers(answer);
  const waits: number[] = [];
  const mailer = openMailer({
    client: ses.client,
    sender: 'ledger@example.com',
    remainingMilliseconds: () => remaining - waits.reduce((sum, wait) => sum + wait, 0),
    sleep: async (milliseconds) => waits.push(milliseconds),
    random: () => 0.5,
  });
  return { mailer, waits };
}

const refusal = (code: string, message = 'No.', status = 400): SesAnswer => ({ status, code, message });
const throttled = refusal('Throttling', 'Maximum sending rate exceeded.');

async function failureOf(answer: SesAnswer, recipient = 'a@example.com') {
  const { mailer } = await mailerWith(() => answer, 4_000);
  const { unreached } = await mailer.send(EMAIL, [recipient]);
  return unreached[0]?.error as EmailError;
}

describe('the mailer', () => {
  it('sends to each recipient alone, each once', async () => {
    const { mailer } = await mailerWith(() => 'taken');
    const delivery = await mailer.send(EMAIL, ['a@example.com', 'b@example.com', 'a@example.com']);
    expect(delivery).toEqual({ reached: ['a@example.com', 'b@example.com'], unreached: [] });
    expect(ses.asked).toEqual(['a@example.com', 'b@example.com']);
    expect(deliveryError(delivery)).toBeUndefined();
    expect(shouldSendAgain(delivery)).toBe(false);
  });

  it('waits longer and longer while SES throttles it, and then goes on', async () => {
    const { mailer, waits } = await mailerWith((call) => (call < 5 ? throttled : 'taken'));
    const { reached } = await mailer.send(EMAIL, ['a@example.com']);
    expect(reached).toEqual(['a@example.com']);
    expect(waits).toEqual([250, 500, 1_000, 2_000, 2_500]);
  });

  it('gives up when the time is up, and does not ask for the others', async () => {
    const { mailer, waits } = await mailerWith(() => throttled, 3_000);
    const delivery = await mailer.send(EMAIL, ['a@example.com', 'b@example.com']);
    expect(delivery.unreached.map(({ recipient, error }) => [recipient, error.code])).toEqual([
      ['a@example.com', 'email-throttled'],
      ['b@example.com', 'email-throttled'],
    ]);
    expect(waits.reduce((sum, wait) => sum + wait, 0)).toBeLessThan(3_000);
    expect(ses.asked).not.toContain('b@example.com');
    expect(shouldSendAgain(delivery)).toBe(true);
  });

  it('starts no call that could not end in time', async () => {
    const { mailer } = await mailerWith(() => 'taken', 400);
    const { unreached } = await mailer.send(EMAIL, ['a@example.com']);
    expect(unreached[0]?.error.code).toBe('email-out-of-time');
    expect(ses.asked).toEqual([]);
  });

  it('cuts off a call that SES does not answer', async () => {
    const { mailer } = await mailerWith(() => 'hang', 600);
    const { unreached } = await mailer.send(EMAIL, ['a@example.com']);
    expect(unreached[0]?.error.code).toBe('email-service-failed');
  });

  it('reaches the others when SES refuses one address, and says who was not reached', async () => {
    const { mailer } = await mailerWith((_, recipient) =>
      recipient === 'b@example.com' ? refusal('MessageRejected', `${REGION_FAILED}b@example.com`) : 'taken',
    );
    const delivery = await mailer.send(EMAIL, ['a@example.com', 'b@example.com', 'c@example.com']);
    expect(delivery.reached).toEqual(['a@example.com', 'c@example.com']);
    const error = deliveryError(delivery);
    expect(error?.code).toBe('email-not-verified');
    expect(error?.message).toBe('The email reached 2 of 3 recipients, and not b@example.com.');
    expect(error?.cause).toMatchObject({ message: expect.stringContaining('Verify the sender') });
    // Otherwise those who are reached would get the same email again and again.
    expect(shouldSendAgain(delivery)).toBe(false);
  });

  it('wants to send again when nobody was reached, or when the reason may pass', async () => {
    const { mailer } = await mailerWith(() => refusal('MessageRejected'));
    expect(shouldSendAgain(await mailer.send(EMAIL, ['a@example.com']))).toBe(true);
    await ses.close();
    const { mailer: second } = await mailerWith((call) => (call === 0 ? 'taken' : refusal('InternalFailure', '', 500)));
    expect(shouldSendAgain(await second.send(EMAIL, ['a@example.com', 'b@example.com']))).toBe(true);
  });

  it('does not ask SES about what is no address, such as one that would add a header', async () => {
    const { mailer } = await mailerWith(() => 'taken');
    const bad = ['a@example.com\r\nBcc: all@example.com', 'Team <a@example.com>', 'a@example.com, b@example.com', ''];
    const { reached, unreached } = await mailer.send(EMAIL, [...bad, 'c@example.com']);
    expect(unreached.map(({ error }) => error.code)).toEqual(bad.map(() => 'email-bad-address'));
    expect(unreached[0]?.error.message).not.toMatch(/[\r\n]/);
    expect(reached).toEqual(['c@example.com']);
    expect(ses.asked).toEqual(['c@example.com']);
  });

  it('does not send what is larger than SES takes', async () => {
    const { mailer } = await mailerWith(() => 'taken');
    const large = { ...EMAIL, html: 'x'.repeat(MESSAGE_BYTES * 0.75) };
    const { unreached } = await mailer.send(large, ['a@example.com']);
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
    const { mailer } = await mailerWith(() => refusal('AccountSendingPausedException'));
    const { unreached } = await mailer.send(EMAIL, ['a@example.com', 'b@example.com', 'c@example.com']);
    expect(unreached).toHaveLength(3);
    expect(ses.asked).toHaveLength(1);
  });

  it('is the same when SES cannot be reached at all', async () => {
    const { mailer } = await mailerWith(() => 'taken');
    await ses.close();
    const { unreached } = await mailer.send(EMAIL, ['a@example.com']);
    expect(unreached[0]?.error.code).toBe('email-service-failed');
  });
});

/** Who was reached, and who was not, with the code of the reason. */
function delivery(reached: readonly string[], unreached: Readonly<Record<string, EmailErrorCode>> = {}): Delivery {
  return {
    reached,
    unreached: Object.entries(unreached).map(([recipient, code]) => ({
      recipient,
      error: new EmailError(code, `No email to ${recipient}.`),
    })),
  };
}

describe('an email that reached everybody', () => {
  it('is no error and is not sent again', () => {
    expect(deliveryError(delivery(['a@example.com']))).toBeUndefined();
    expect(shouldSendAgain(delivery(['a@example.com']))).toBe(false);
    expect(shouldSendAgain(delivery([]))).toBe(false);
  });
});

describe('an email that did not reach everybody', () => {
  it('names those whom it did not reach, and why the first was not', () => {
    const mixed = delivery(['a@example.com'], {
      'b@example.com': 'email-rejected',
      'c@example.com': 'email-throttled',
    });
    expect(deliveryError(mixed)).toMatchObject({
      name: 'EmailError',
      code: 'email-rejected',
      message: 'The email reached 1 of 3 recipients, and not b@example.com, c@example.com.',
      cause: mixed.unreached[0]?.error,
    });
  });

  it('is sent again when it reached nobody, whatever the reason', () => {
    expect(shouldSendAgain(delivery([], { 'b@example.com': 'email-not-allowed' }))).toBe(true);
  });

  it('is sent again when one of the reasons may pass', () => {
    const reasons = { 'b@example.com': 'email-rejected', 'c@example.com': 'email-out-of-time' } as const;
    expect(shouldSendAgain(delivery(['a@example.com'], reasons))).toBe(true);
  });

  it('is not sent again to those whom it reached for one whom SES refuses for good', () => {
    expect(shouldSendAgain(delivery(['a@example.com'], { 'b@example.com': 'email-rejected' }))).toBe(false);
  });
});
