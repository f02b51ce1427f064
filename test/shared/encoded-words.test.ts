import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeEncodedWords, undoLatin1 } from '../../src/shared/encoded-words.ts';

const FILE = path.resolve(import.meta.dirname, '../fixtures/metadata-uploaders.json');
const UPLOADERS: readonly { readonly 'x-amz-meta-uploader': string; readonly uploader: string }[] = JSON.parse(
  readFileSync(FILE, 'utf8'),
);

describe('decodeEncodedWords', () => {
  it.each(UPLOADERS)("decodes an object's metadata: $x-amz-meta-uploader", (metadata) => {
    expect(decodeEncodedWords(metadata['x-amz-meta-uploader'])).toBe(metadata.uploader);
  });

  it.each([
    ['joins adjacent words', '=?UTF-8?Q?a?= =?UTF-8?B?Yg==?=\t=?ISO-8859-1?Q?=E4?=', 'abä'],
    ['joins a character that is split between two words', '=?UTF-8?Q?J=C3?= =?UTF-8?Q?=BCrgen?=', 'Jürgen'],
    [
      'keeps text around words, with its blanks',
      'Dr. =?utf-8?q?J=C3=BCrgen?= (=?UTF-8?B?w58=?=) x',
      'Dr. Jürgen (ß) x',
    ],
    ['takes an underscore for a blank', '=?UTF-8?Q?a_b=5Fc?=', 'a b_c'],
    ['leaves out a language', '=?ISO-8859-1*de?Q?J=FCrgen?=', 'Jürgen'],
    ['decodes nothing to nothing', '=?UTF-8?Q??=', ''],
    ['takes ISO-8859-1 byte by byte', '=?ISO-8859-1?Q?=80=9F?=', '\u0080\u009f'],
  ])('%s', (_, text, decoded) => {
    expect(decodeEncodedWords(text)).toBe(decoded);
  });

  it.each([
    ['plain text', 'alice@example.com'],
    ['an unknown charset', '=?KOI8-R?Q?=C1?='],
    ['an unknown encoding', '=?UTF-8?X?abc?='],
    ['wrong base64', '=?UTF-8?B?w58?='],
    ['bytes that are no UTF-8', '=?UTF-8?Q?=FC?='],
    ['an escape without digits', '=?UTF-8?Q?=G1?='],
    ['a word without an end', '=?UTF-8?Q?abc'],
    ['a run of which one word is wrong', '=?UTF-8?B?w58=?= =?UTF-8?B?!?='],
  ])('leaves %s as it is', (_, text) => {
    expect(decodeEncodedWords(text)).toBe(text);
  });

  it('gives back any text that was encoded, in one word or several', () => {
    const property = fc.property(fc.array(fc.string({ unit: 'binary', minLength: 1 }), { minLength: 1 }), (texts) => {
      const words = texts.map((text) => `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=`);
      expect(decodeEncodedWords(words.join(' '))).toBe(texts.join(''));
    });
    fc.assert(property);
  });
});

describe('undoLatin1', () => {
  it("reads the example of S3's documentation as it was sent", () => {
    expect(undoLatin1(decodeEncodedWords('=?UTF-8?B?w4PChE3Dg8KEWsODwpXDg8KRIFMz?='))).toBe('ÄMÄZÕÑ S3');
  });

  it.each(['alice', '', 'Jürgen Groß', 'Zoë', '田中', 'naïve Ã¤ 田', '\u00c3'])('leaves %j as it is', (text) => {
    expect(undoLatin1(text)).toBe(text);
  });

  it('gives back any text outside ASCII whose UTF-8 was read as ISO-8859-1', () => {
    const property = fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(undoLatin1(Buffer.from(text).toString('latin1'))).toBe(text);
    });
    fc.assert(property);
  });
});
