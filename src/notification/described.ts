/**
 * Longest part of a foreign string that an error repeats, in UTF-16 units. Escaped, each may take six characters, and
 * the whole sentence has to stay within QUARANTINE_DETAIL_LENGTH.
 */
const QUOTED_LENGTH = 50;

/**
 * What came, for the second half of "expected X, got Y": `nothing`, `null`, `an array`, `"abc"`.
 *
 * Safe on anything: it never walks into an object (a hostile one is deep), quotes no more than 50 characters, and
 * escapes what a log line or an SQS message attribute cannot hold (controls, lone surrogates, U+FFFE and U+FFFF).
 */
export function described(value: unknown): string {
  switch (typeof value) {
    case 'undefined':
      return 'nothing';
    case 'string':
      return quoted(value);
    case 'object':
      return value === null ? 'null' : Array.isArray(value) ? 'an array' : 'an object';
    default:
      return String(value);
  }
}

function quoted(text: string): string {
  const start = text.slice(0, QUOTED_LENGTH);
  // JSON.stringify escapes controls and lone surrogates, such as half a character where the text was cut.
  const escaped = JSON.stringify(start).replace(/[\u007f-\u009f\ufffe\uffff]/g, escapeUnit);
  return start.length === text.length ? escaped : `${escaped} and ${text.length - start.length} more characters`;
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
