import { describe, expect, it } from 'vitest';
import { AlertRulesError, DigestNotSentError, UnreadableSummaryError } from '../../src/digest/digest-errors.ts';

const cause = new Error('underneath');

describe('the errors of digests and alerts', () => {
  it.each([
    ['UnreadableSummaryError', 'unreadable-summary', () => new UnreadableSummaryError('m', { cause })],
    ['DigestNotSentError', 'digest-busy', () => new DigestNotSentError('digest-busy', 'm', { cause })],
    ['AlertRulesError', 'bad-alert-rules', () => new AlertRulesError('m', { cause })],
  ])('%s keeps its name and the code %s in a bundle without names, and what caused it', (name, code, make) => {
    expect(make()).toMatchObject({ name, code, message: 'm', cause });
  });
});
