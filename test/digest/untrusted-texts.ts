import fc from 'fast-check';

export { SEED } from '../builders/arbitraries.ts';

const AWKWARD = [
  ...[
    '<',
    '>',
    '&',
    '"',
    "'",
    '&amp;',
    '<script>',
    '</td>',
    '-->',
    '<!--',
    '$&',
    '`',
    '=?UTF-8?B?',
    '?=',
    '--=_upload-ledger_=',
  ],
  ...[
    '\r',
    '\n',
    '\r\n',
    '\r\n\r\n',
    '\0',
    '\u001b',
    '\u0085',
    '\u2028',
    '\u202e',
    '\u200f',
    '\u2066',
    '\ufeff',
    '\u00ad',
    '\u3164',
  ],
  ...[
    '\u200d',
    '\ufe0f',
    '\u0301',
    '\u{1f469}',
    '\u{1f3fd}',
    '\u{1f1e9}',
    '\ud83d',
    '\ude00',
    '\u{e0041}',
    '\uffff',
    'ü',
    '日',
    'ص',
    '가',
  ],
  ...['\\', '\\x', '\\u', '\\u202e', '\\x5c', '{', '}', '(', '(other)', '(unknown)', ' ', '  ', '…', '/'],
];

/**
 * Any text at all, ill-formed too, most often made of what has broken terminals, pages and emails. At most about 1,000
 * characters.
 */
export function untrustedTexts(): fc.Arbitrary<string> {
  const piece = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...AWKWARD) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 0x10ffff }).map((code) => String.fromCodePoint(code)) },
    { weight: 1, arbitrary: fc.constantFrom('ab12', 'f', '0', 'photos') },
  );
  return fc.array(piece, { maxLength: 60, size: 'max' }).map((pieces) => pieces.join(''));
}
