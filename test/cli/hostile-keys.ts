/** Keys that would act on a terminal, break a line or a cell, or pass for something else. */
export const HOSTILE_KEYS = [
  '\u001b[2J\u001b[1;31mred',
  '\u001b]0;title\u0007',
  '\u009b31mC1',
  'two\nlines',
  'carriage\rreturn',
  'tab\there',
  'nul\u0000',
  'backspace\b\b\b',
  '\u202egpj.exe',
  'zero\u200bwidth\ufeff',
  'separator\u2028\u2029',
  'tag\u{e0041}',
  '=HYPERLINK("https://example.com","click")',
  '+1+1',
  '-1-1',
  '@SUM(A1)',
  '＝1+1',
  '\t=1+1',
  '\r=1+1',
  'a;=1+1',
  'b;"=1+1"',
  '"=1+1"',
  'comma,"quote"',
  '日本語.txt',
  '👩‍👩‍👧 family.png',
] as const;

/** What no terminal may ever be sent raw: controls but the line feed, and characters that are not seen. */
export const RAW = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/u;
