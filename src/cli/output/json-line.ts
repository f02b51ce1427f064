/**
 * Characters that JSON lets through raw and a terminal might obey or hide: controls beyond ASCII, formatting characters, line and
 * paragraph separators.
 */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** `value` as JSON on one line. Parses to exactly `value`; whatever could act on a terminal is written as an escape. */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replace(INVISIBLE, (character) => {
    const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
    return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
  });
}
