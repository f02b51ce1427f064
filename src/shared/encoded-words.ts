/** `=?charset?B or Q?text?=`; a language after the charset means nothing here. Source: RFC 2047, section 2; RFC 2231. */
const WORD = /=\?([\w.:-]{1,40})(?:\*[\w-]*)?\?([bBqQ])\?([^?\s]*)\?=/g;

/** Words that stand side by side in one charset: their bytes belong together. */
interface Run {
  readonly charset: string;
  /** As it stands in the text, white space between the words included. */
  written: string;
  /** Undefined when one of the words cannot be decoded. */
  bytes: Buffer | undefined;
}

/**
 * `text` with its encoded words decoded. S3 hands out user metadata outside ASCII in this form ("Working with object
 * metadata"), and clients send it so.
 *
 * White space between two adjacent words means nothing. A character may be split between two words of one charset: the
 * standard forbids it, and encoders do it. What does not decode stays as it is: another charset than UTF-8, US-ASCII
 * and ISO-8859-1, wrong base64, bytes that are no UTF-8.
 */
export function decodeEncodedWords(text: string): string {
  const parts: (string | Run)[] = [];
  let end = 0;
  for (const match of text.matchAll(WORD)) {
    const [written, charset = '', encoding = '', content = ''] = match;
    const between = text.slice(end, match.index);
    const bytes = /b/i.test(encoding) ? fromBase64(content) : fromQ(content);
    const last = parts.at(-1);
    const isAdjacent = typeof last === 'object' && /^\s*$/.test(between);
    if (isAdjacent && last.charset === charset.toLowerCase()) {
      last.written += between + written;
      last.bytes = last.bytes && bytes && Buffer.concat([last.bytes, bytes]);
    } else {
      if (!isAdjacent) parts.push(between);
      parts.push({ charset: charset.toLowerCase(), written, bytes });
    }
    end = match.index + written.length;
  }
  return parts.map((part) => (typeof part === 'string' ? part : decode(part))).join('') + text.slice(end);
}

/**
 * `text` whose UTF-8 somebody has read as ISO-8859-1, as it was before. S3 does so with metadata that a client sends
 * as bare UTF-8: the example in "Working with object metadata" hands out `\u00c3\u0084` for `\u00c4`, encoded. A text that is
 * no UTF-8 when it is written as ISO-8859-1 stays as it is, and so does every text with other characters.
 */
export function undoLatin1(text: string): string {
  return /^[\0-\xff]*$/.test(text) && /[\x80-\xff]/.test(text) ? (fromUtf8(Buffer.from(text, 'latin1')) ?? text) : text;
}

function decode({ charset, written, bytes }: Run): string {
  if (bytes === undefined) return written;
  // Not by TextDecoder, which takes ISO-8859-1 for Windows-1252.
  if (charset === 'iso-8859-1') return bytes.toString('latin1');
  return charset === 'utf-8' || charset === 'us-ascii' ? (fromUtf8(bytes) ?? written) : written;
}

function fromUtf8(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

function fromBase64(text: string): Buffer | undefined {
  return /^[A-Za-z\d+/]*={0,2}$/.test(text) && text.length % 4 === 0 ? Buffer.from(text, 'base64') : undefined;
}

function fromQ(text: string): Buffer | undefined {
  if (/=(?![\dA-Fa-f]{2})|[^\x21-\x7e]/.test(text)) return undefined;
  const bytes = text.replaceAll('_', ' ').replace(/=([\dA-Fa-f]{2})/g, (_, hex: string) => {
    return String.fromCharCode(Number.parseInt(hex, 16));
  });
  return Buffer.from(bytes, 'latin1');
}
