import { describe, expect, it } from 'vitest';
import { type Delivery, deliveryError, shouldSendAgain } from '../../src/digest/delivery.ts';
import { EmailError, type EmailErrorCode } from '../../src/digest/email-error.ts';

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
