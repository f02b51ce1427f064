/** HTML that is safe to send: made by {@link html} alone. */
export type Html = SafeHtml;

class SafeHtml {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

type Part = string | number | SafeHtml | readonly SafeHtml[];

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * HTML from a template whose values are escaped by construction: only what this function has made goes in as it is,
 * and there is no way to mark a string as safe. Values stand in text or in attributes in double quotes, nowhere else.
 */
export function html(template: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new SafeHtml(template.reduce((source, piece, at) => `${source}${toSource(parts[at - 1] as Part)}${piece}`));
}

function toSource(part: Part): string {
  if (part instanceof SafeHtml) return part.source;
  if (typeof part === 'object') return part.map(toSource).join('');
  return String(part).replace(/[&<>"']/g, (character) => ESCAPES[character] as string);
}
