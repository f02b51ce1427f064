import { describe, expect, it } from 'vitest';
import { EmailError, toEmailError } from '../../../src/digest/email/ses-errors.ts';

/** An error as the SDK throws it: its name is SES's code. */
const sesError = (name: string, message = 'No.') => Object.assign(new Error(message), { name });
const errorOf = (cause: unknown) => toEmailError(cause, 'a@example.com');

const GOES_ON_WITH_OTHERS = { isOfOneRecipient: true, isTransient: false };
const WAITS_FOR_SOMEBODY = { isOfOneRecipient: false, isTransient: false };
const PASSES = { isOfOneRecipient: false, isTransient: true };

describe('what SES fails with', () => {
  it.each([
    ['MailFromDomainNotVerifiedException', 'No.', 'email-not-verified', GOES_ON_WITH_OTHERS],
    ['FromEmailAddressNotVerifiedException', 'No.', 'email-not-verified', GOES_ON_WITH_OTHERS],
    ['MessageRejected', 'Email address is not verified.', 'email-not-verified', GOES_ON_WITH_OTHERS],
    ['MessageRejected', 'Bad content.', 'email-rejected', GOES_ON_WITH_OTHERS],
    ['InvalidParameterValue', 'Illegal address.', 'email-rejected', GOES_ON_WITH_OTHERS],
    ['ConfigurationSetDoesNotExistException', 'Gone.', 'email-rejected', GOES_ON_WITH_OTHERS],
    ['AccessDenied', 'No.', 'email-not-allowed', WAITS_FOR_SOMEBODY],
    ['AccessDeniedException', 'Identity is not verified.', 'email-not-allowed', WAITS_FOR_SOMEBODY],
    ['AccountSendingPausedException', 'No.', 'email-sending-paused', WAITS_FOR_SOMEBODY],
    ['ConfigurationSetSendingPausedException', 'No.', 'email-sending-paused', WAITS_FOR_SOMEBODY],
    ['Throttling', 'Maximum sending rate exceeded.', 'email-throttled', PASSES],
    ['ThrottlingException', 'Daily message quota exceeded.', 'email-quota-used-up', PASSES],
    ['InternalFailure', 'Daily message quota exceeded.', 'email-service-failed', PASSES],
    ['TimeoutError', 'socket hang up', 'email-service-failed', PASSES],
    // What every object has, the table of failures too.
    ['toString', 'No.', 'email-service-failed', PASSES],
  ])('%s (%s) is %s', (name, message, code, consequences) => {
    const cause = sesError(name, message);
    const error = errorOf(cause);
    expect(error).toBeInstanceOf(EmailError);
    expect(error).toMatchObject({ name: 'EmailError', code, cause, ...consequences });
  });

  it('is told in one sentence, with what to do after it', () => {
    expect(errorOf(sesError('MessageRejected', 'Bad content. \n')).message).toBe(
      'SES did not take the email to a@example.com: Bad content. Look at the reason that SES gives, and send again once it is gone.',
    );
    // Only at its end: a reason can have sentences.
    expect(errorOf(sesError('MessageRejected', 'See a.example. Twice')).message).toContain(
      ': See a.example. Twice. Look',
    );
  });

  it('is told as it is when it is no error at all', () => {
    expect(errorOf('broken pipe')).toMatchObject({
      code: 'email-service-failed',
      message: 'SES did not take the email to a@example.com: broken pipe. It may succeed when it is tried again.',
    });
    expect(errorOf(undefined).message).toContain(': undefined.');
  });

  it('is cut when it is long, but not inside a character', () => {
    const told = (reason: string) => errorOf(sesError('MessageRejected', reason)).message;
    expect(told('x'.repeat(301))).toContain(`: ${'x'.repeat(300)}. Look`);
    expect(told(`${'x'.repeat(299)}\u{1f680}`)).toContain(`: ${'x'.repeat(299)}\ufffd. Look`);
  });
});
