import { describe, expect, it } from 'vitest';
import { errorMessage, errorText, toError, UploadLedgerError } from '../../src/shared/errors.ts';

class TableGoneError extends UploadLedgerError {
  override readonly name = 'TableGoneError';
}

describe('UploadLedgerError', () => {
  it('has a code, and keeps its cause', () => {
    const cause = new Error('underneath');
    const error = new TableGoneError('table-gone', 'There is no table.', { cause });
    expect(error).toMatchObject({ code: 'table-gone', name: 'TableGoneError', message: 'There is no table.', cause });
  });
});

describe('errorMessage and errorText', () => {
  it.each([
    [new TypeError('no text'), 'no text', 'TypeError: no text'],
    [
      new TableGoneError('table-gone', 'There is no table.'),
      'There is no table.',
      'TableGoneError: There is no table.',
    ],
    ['text', 'text', 'text'],
    [undefined, 'undefined', 'undefined'],
  ])('describe whatever was thrown: %s', (thrown, message, text) => {
    expect([errorMessage(thrown), errorText(thrown)]).toEqual([message, text]);
  });
});

describe('toError', () => {
  it('returns an error as it is, and wraps anything else', () => {
    const error = new Error('no');
    expect(toError(error)).toBe(error);
    expect(toError(7)).toEqual(new Error('7'));
  });
});
