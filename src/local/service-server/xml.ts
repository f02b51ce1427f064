const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Text as XML character data. Control characters become references, because a parser turns a bare CR into LF. */
export function escapeXml(text: string): string {
  return text
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
    .replace(/\p{Cc}/gu, (character) => `&#x${character.charCodeAt(0).toString(16).toUpperCase()};`);
}

/** The text that XML character data stands for: each reference is resolved once, from left to right. */
export function unescapeXml(text: string): string {
  return text.replace(/&(#x[0-9a-f]+|#\d+|amp|lt|gt|quot|apos);/gi, (whole, name: string) => {
    if (name.startsWith('#')) return fromCodePoint(name.slice(1)) ?? whole;
    return Object.entries(ENTITIES).find(([, entity]) => entity === whole.toLowerCase())?.[0] ?? whole;
  });
}

function fromCodePoint(reference: string): string | undefined {
  const codePoint = /^x/i.test(reference) ? Number.parseInt(reference.slice(1), 16) : Number.parseInt(reference, 10);
  return codePoint <= 0x10ffff ? String.fromCodePoint(codePoint) : undefined;
}

/** `<name>text</name>`, escaped. */
export function element(name: string, text: string | number | boolean): string {
  return `<${name}>${escapeXml(String(text))}</${name}>`;
}
