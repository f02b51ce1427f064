/** Codes of ECMA-48, "Select Graphic Rendition": on and off. */
const STYLES = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39], cyan: [36, 39] } as const;

export type Style = keyof typeof STYLES;

/** `text` in a style, where the output has colour. The text itself must be printable. */
export function paint(text: string, style: Style | undefined, hasColour: boolean): string {
  if (!hasColour || style === undefined || text === '') return text;
  const [on, off] = STYLES[style];
  return `\u001b[${on}m${text}\u001b[${off}m`;
}
