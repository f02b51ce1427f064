import { describe, expect, it } from 'vitest';
import { EmailError, toEmailError } from '../../../src/digest/email/ses-errors.ts';

/** An error as the SDK throws it: its name is SES's code. */
const sesError = (name: string, message = 'No.') => Object.assign(new Error(message), { name });
const errorOf = (cause: unknown) => toEmailError(cause, 'a@example.com');

const OF_ONE_RECIPIENT = { isOfOneRecipient: true, isTransient: false };
const OF_THE_ACCOUNT = { isOfOneRecipient: false, isTransient: false };
const TRANSIENT = { isOfOneRecipient: false, isTransient: true };

describe('toEmailError', () => {
  it.each([
    ['MailFromDomainNotVerifiedException', 'No.', 'email-not-verified', OF_ONE_RECIPIENT],
    ['FromEmailAddressNotVerifiedException', 'No.', 'email-not-verified', OF_ONE_RECIPIENT],
    ['MessageRejected', 'Email address is not verified.', 'email-not-verified', OF_ONE_RECIPIENT],
    [
      'MessageRejected',
      'Sending paused for this account. For more information, see a.example.',
      'email-sending-paused',
      OF_THE_ACCOUNT,
    ],
    ['MessageRejected', 'Sending suspended for this account.', 'email-sending-paused', OF_THE_ACCOUNT],
    ['MessageRejected', 'Account is paused.', 'email-sending-paused', OF_THE_ACCOUNT],
    ['MessageRejected', 'Bad content.', 'email-rejected', OF_ONE_RECIPIENT],
    ['InvalidParameterValue', 'Illegal address.', 'email-rejected', OF_ONE_RECIPIENT],
    ['ConfigurationSetDoesNotExistException', 'Gone.', 'email-rejected', OF_ONE_RECIPIENT],
    ['AccessDenied', 'No.', 'email-not-allowed', OF_THE_ACCOUNT],
    ['AccessDeniedException', 'Identity is not verified.', 'email-not-allowed', OF_THE_ACCOUNT],
    ['AccountSendingPausedException', 'No.', 'email-sending-paused', OF_THE_ACCOUNT],
    ['ConfigurationSetSendingPausedException', 'No.', 'email-sending-paused', OF_THE_ACCOUNT],
    ['Throttling', 'Maximum sending rate exceeded.', 'email-throttled', TRANSIENT],
    ['ThrottlingException', 'Daily message quota exceeded.', 'email-quota-used-up', TRANSIENT],
    ['InternalFailure', 'Daily message quota exceeded.', 'email-service-failed', TRANSIENT],
    ['TimeoutError', 'socket hang up', 'email-service-failed', TRANSIENT],
    // A property of every object.
    ['toString', 'No.', 'email-service-failed', TRANSIENT],
  ])('turns %s (%s) into %s', (name, message, code, consequences) => {
    const cause = sesError(name, message);
    const error = errorOf(cause);
    expect(error).toBeInstanceOf(EmailError);
    expect(error).toMatchObject({ name: 'EmailError', code, cause, ...consequences });
  });

  it('says the reason in one sentence, and then what to do', () => {
    expect(errorOf(sesError('MessageRejected', 'Bad content. \n')).message).toBe(
      'SES did not accept the email to a@example.com: Bad content. Fix the cause that SES gives, then send again.',
    );
    // Only at its end: a reason can have sentences.
    expect(errorOf(sesError('MessageRejected', 'See a.example. Twice')).message).toContain(
      ': See a.example. Twice. Fix',
    );
  });

  it('repeats what is no error as it is', () => {
    expect(errorOf('broken pipe')).toMatchObject({
      code: 'email-service-failed',
      message: 'SES did not accept the email to a@example.com: broken pipe. It may succeed when it is tried again.',
    });
    expect(errorOf(undefined).message).toContain(': undefined.');
  });

  it('cuts a long reason, but not inside a character', () => {
    const messageOf = (reason: string) => errorOf(sesError('MessageRejected', reason)).message;
    expect(messageOf('x'.repeat(301))).toContain(`: ${'x'.repeat(300)}. Fix`);
    expect(messageOf(`${'x'.repeat(299)}\u{1f680}`)).toContain(`: ${'x'.repeat(299)}\ufffd. Fix`);
  });
});
