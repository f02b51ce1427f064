/**
 * Characters that change how a terminal behaves or that make text read differently from what it is: C0 and C1 controls,
 * bidirectional controls, invisible joiners that hide between letters, line and paragraph separators, lone surrogates.
 * The zero-width joiner stays out when it joins emoji, because there it is part of one visible sign.
 */
const UNSAFE =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]|\p{Surrogate}|(?<!\p{Extended_Pictographic}\ufe0f?)\u200d/gu;

/** The text with every unsafe character written as an escape (`\x1b`, `\u202e`), so that it can be shown raw. */
export function printable(text: string): string {
  return text.replace(UNSAFE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}
