import fc from 'fast-check';
import PostalMime from 'postal-mime';
import { describe, expect, it } from 'vitest';
import { renderAlert } from '../../../src/digest/email/alert-email.ts';
import { renderDigest } from '../../../src/digest/email/digest-email.ts';
import { toEncodedWords, toMimeMessage } from '../../../src/digest/email/mime.ts';
import { hostileTexts, SEED } from '../hostile-texts.ts';
import { richAlert, richDigest } from './email-samples.ts';

const ENVELOPE = { sender: 'ledger@example.com', recipient: 'team@example.com' };

const headersOf = (message: string) => message.slice(0, message.indexOf('\r\n\r\n')).split('\r\n');
/** Mail ends its lines in CR LF; readers give them back as they like. */
const lines = (text: string | undefined) => text?.replaceAll('\r\n', '\n');

describe('encoded words', () => {
  it('leave short plain text alone', () => {
    expect(toEncodedWords('412 uploads, 3.1 GB in 15 min: my-bucket')).toBe('412 uploads, 3.1 GB in 15 min: my-bucket');
  });

  it('encode what is not ASCII, what is long and what looks encoded', () => {
    expect(toEncodedWords('Größe')).toBe('=?UTF-8?B?R3LDtsOfZQ==?=');
    expect(toEncodedWords('=?UTF-8?B?R3LDtsOfZQ==?=')).not.toContain('R3LDtsOfZQ==');
  });

  it('hold 39 bytes each, and begin with the 61st character of a plain text', () => {
    const word = (text: string) => `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=`;
    expect(toEncodedWords('x'.repeat(60))).toBe('x'.repeat(60));
    expect(toEncodedWords('x'.repeat(78))).toBe(`${word('x'.repeat(39))}\r\n ${word('x'.repeat(39))}`);
    expect(toEncodedWords('x'.repeat(79))).toBe(`${word('x'.repeat(39))}\r\n ${word('x'.repeat(39))}\r\n ${word('x')}`);
  });

  it('say controls in a row as one space, so that a reader who writes them on starts no header', () => {
    expect(toEncodedWords('a\r\nBcc: b\u0000c')).toBe('a Bcc: b c');
  });

  it('break no line but at a fold, and keep every line short, whatever the text', () => {
    fc.assert(
      fc.property(hostileTexts(), (text) => {
        const [first = '', ...more] = `Subject: ${toEncodedWords(text)}`.split('\r\n');
        for (const line of [first, ...more]) expect(line).toMatch(/^[\x20-\x7e]{0,76}$/);
        for (const line of more) expect(line).toMatch(/^ =\?/);
      }),
      { seed: SEED, numRuns: 300 },
    );
  });
});

describe('the message', () => {
  it.each([
    ['digest', () => renderDigest(richDigest())],
    ['alert', () => renderAlert(richAlert())],
  ])('of a rich %s is read back whole by a reader of another maker', async (_, render) => {
    const email = render();
    const message = toMimeMessage(email, ENVELOPE);
    const { subject, text, html, from, to, attachments } = await PostalMime.parse(message);
    expect([subject, lines(text), lines(html)]).toEqual([email.subject, email.text, email.html]);
    expect(from).toEqual({ name: 'upload-ledger', address: 'ledger@example.com' });
    expect(to).toEqual([{ name: '', address: 'team@example.com' }]);
    expect(attachments).toEqual([]);
  });

  it('is two parts in base64 whose lines end in CR LF, as text in mail does', () => {
    expect(toMimeMessage({ subject: 's', text: 'a\nb\r\n\n', html: '' }, ENVELOPE).split('\r\n')).toEqual([
      'From: upload-ledger <ledger@example.com>',
      'To: team@example.com',
      'Subject: s',
      'Auto-Submitted: auto-generated',
      'MIME-Version: 1.0',
      'Content-Type: multipart/alternative; boundary="=_upload-ledger_="',
      '',
      '--=_upload-ledger_=',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: base64',
      '',
      Buffer.from('a\r\nb\r\n\r\n').toString('base64'),
      '--=_upload-ledger_=',
      'Content-Type: text/html; charset=utf-8',
      'Content-Transfer-Encoding: base64',
      '',
      '--=_upload-ledger_=--',
      '',
    ]);
  });

  it('has these headers and no others, whatever the email says', async () => {
    const hostile = fc.record({ subject: hostileTexts(), text: hostileTexts(), html: hostileTexts() });
    await fc.assert(
      fc.asyncProperty(hostile, async (email) => {
        const { headers, attachments, subject } = await PostalMime.parse(toMimeMessage(email, ENVELOPE));
        const expected = ['from', 'to', 'subject', 'auto-submitted', 'mime-version', 'content-type'];
        expect(headers.map(({ key }) => key)).toEqual(expected);
        expect(attachments).toEqual([]);
        expect(subject ?? '').not.toContain('\n');
      }),
      { seed: SEED, numRuns: 200 },
    );
  });

  it('gives back both parts, whatever they say', async () => {
    const parts = fc.record({ text: hostileTexts(), html: hostileTexts() });
    await fc.assert(
      fc.asyncProperty(parts, async ({ text, html }) => {
        const parsed = await PostalMime.parse(
          toMimeMessage({ subject: 's', text: `Hello ${text}\n`, html: `<p>${html}\n` }, ENVELOPE),
        );
        const sent = (part: string) => lines(part.toWellFormed());
        expect([lines(parsed.text), lines(parsed.html)]).toEqual([sent(`Hello ${text}\n`), sent(`<p>${html}\n`)]);
      }),
      { seed: SEED, numRuns: 200 },
    );
  });

  it('gives back the subject, whatever characters stand where a word ends', async () => {
    for (const start of ['', 'x', 'xx', 'xxx']) {
      const subject = `${start}${'\u{1f680}ü日'.repeat(20)}`;
      const parsed = await PostalMime.parse(toMimeMessage({ subject, text: 'text', html: 'html' }, ENVELOPE));
      expect(parsed.subject).toBe(subject);
    }
  });

  it('is 7-bit text in lines that every mail server takes', () => {
    const message = toMimeMessage(renderDigest(richDigest()), ENVELOPE);
    for (const line of message.split('\r\n')) expect(line).toMatch(/^[\x20-\x7e]{0,78}$/);
  });

  it('tells other machines that a machine has sent it', () => {
    expect(headersOf(toMimeMessage(renderAlert(richAlert()), ENVELOPE))).toContain('Auto-Submitted: auto-generated');
  });
});
