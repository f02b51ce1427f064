const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Text as XML character data. Control characters become references, because a parser turns a bare CR into LF. */
function escapeXml(text: string): string {
  return text
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
    .replace(/\p{Cc}/gu, (character) => `&#x${character.charCodeAt(0).toString(16).toUpperCase()};`);
}

/** The text of XML character data: each reference is resolved once, from left to right. */
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

/** An error that S3 would answer, or that says what the local stack does not do. */
export interface S3Refusal {
  readonly status: number;
  /** S3's error code, such as `AccessDenied`. */
  readonly code: string;
  readonly message: string;
  /** Further elements of the answer, as S3 adds them to some errors. */
  readonly details?: Readonly<Record<string, string>>;
}

/** The refusal of something that S3 does and the local stack does not. */
export function notImplemented(what: string): S3Refusal {
  return {
    status: 501,
    code: 'NotImplemented',
    message: `The local stack does not implement ${what}: nothing was changed. On AWS this works.`,
  };
}

export function invalidArgument(message: string): S3Refusal {
  return { status: 400, code: 'InvalidArgument', message };
}

/** The body that S3 sends with an error. */
export function refusalXml(refusal: S3Refusal, requestId: string): string {
  const details = Object.entries(refusal.details ?? {}).map(([name, text]) => element(name, text));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<Error>',
    element('Code', refusal.code),
    element('Message', refusal.message),
    ...details,
    element('RequestId', requestId),
    '</Error>',
  ].join('\n');
}
