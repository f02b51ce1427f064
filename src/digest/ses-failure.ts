import { EmailError, type EmailErrorCode } from './email-error.ts';

interface Failure {
  readonly code: EmailErrorCode;
  readonly advice: string;
}

const NOT_VERIFIED: Failure = {
  code: 'email-not-verified',
  advice:
    'Verify the sender in the SES console of this Region; while the account is in the SES sandbox, verify each recipient too, or ask for production access.',
};
const REJECTED: Failure = {
  code: 'email-rejected',
  advice: 'Look at the reason that SES gives, and send again once it is gone.',
};
const NOT_ALLOWED: Failure = {
  code: 'email-not-allowed',
  advice:
    "Allow the function's role ses:SendRawEmail on the identities of the sender, and in the sandbox of the recipients.",
};
const PAUSED: Failure = {
  code: 'email-sending-paused',
  advice: 'See the account dashboard of the SES console for why, and have sending resumed there.',
};
const THROTTLED: Failure = {
  code: 'email-throttled',
  advice:
    'Ask for a higher sending rate in the SES console (the sandbox allows one email a second), or name fewer recipients.',
};
const QUOTA_USED_UP: Failure = {
  code: 'email-quota-used-up',
  advice: 'Ask for a higher daily quota in the SES console (the sandbox allows 200 emails in 24 hours), or send less.',
};
const FAILED: Failure = { code: 'email-service-failed', advice: 'It may succeed when it is tried again.' };

/**
 * What SES calls its errors. Sources: Amazon SES API Reference, "SendRawEmail" and "Common Errors"; Developer Guide,
 * "Amazon SES email sending errors" and "Errors related to the sending quotas".
 */
const FAILURES: Readonly<Record<string, Failure>> = {
  MailFromDomainNotVerifiedException: NOT_VERIFIED,
  FromEmailAddressNotVerifiedException: NOT_VERIFIED,
  MessageRejected: REJECTED,
  InvalidParameterValue: REJECTED,
  ConfigurationSetDoesNotExistException: {
    code: 'email-rejected',
    advice: "The sender's identity names a default configuration set that is gone: choose another in the SES console.",
  },
  AccessDenied: NOT_ALLOWED,
  AccessDeniedException: NOT_ALLOWED,
  AccountSendingPausedException: PAUSED,
  ConfigurationSetSendingPausedException: PAUSED,
  Throttling: THROTTLED,
  ThrottlingException: THROTTLED,
};

/** Most characters of SES's own text that an error repeats. */
const REASON_LENGTH = 300;

/** What SES, or the SDK on its behalf, failed with, as an error that says what to do. */
export function toEmailError(cause: unknown, recipient: string): EmailError {
  // Stryker disable next-line StringLiteral: every name that is none of SES's means the same.
  const [name, reason] = cause instanceof Error ? [cause.name, cause.message] : ['', String(cause)];
  const { code, advice } = failureOf(name, reason);
  const sentence = reason
    .slice(0, REASON_LENGTH)
    .toWellFormed()
    .replace(/[.\s]+$/, '');
  return new EmailError(code, `SES did not take the email to ${recipient}: ${sentence}. ${advice}`, { cause });
}

/** Two errors share their name with others and are told apart by their text, which SES documents. */
function failureOf(name: string, reason: string): Failure {
  const failure = Object.hasOwn(FAILURES, name) ? (FAILURES[name] ?? FAILED) : FAILED;
  if (failure === THROTTLED && /daily message quota/i.test(reason)) return QUOTA_USED_UP;
  if (failure === REJECTED && /not verified/i.test(reason)) return NOT_VERIFIED;
  return failure;
}
