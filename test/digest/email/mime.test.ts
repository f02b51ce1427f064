import fc from 'fast-check';
import PostalMime from 'postal-mime';
import { describe, expect, it } from 'vitest';
import { renderAlert } from '../../../src/digest/email/alert-email.ts';
import { renderDigest } from '../../../src/digest/email/digest-email.ts';
import { toEncodedWords, toMimeMessage } from '../../../src/digest/email/mailer.ts';
import { LEDGER } from '../../builders/email-settings.ts';
import { SEED, untrustedTexts } from '../untrusted-texts.ts';
import { richAlert, richDigest } from './email-samples.ts';

const ENVELOPE = { sender: 'ledger@example.com', recipient: 'team@example.com' };

const headersOf = (message: string) => message.slice(0, message.indexOf('\r\n\r\n')).split('\r\n');
/** Mail ends its lines in CR LF; readers give them back as they like. */
const lines = (text: string | undefined) => text?.replaceAll('\r\n', '\n');

describe('toEncodedWords', () => {
  it('leaves short plain text alone', () => {
    expect(toEncodedWords('412 uploads, 3.1 GB in 15 min: my-bucket')).toBe('412 uploads, 3.1 GB in 15 min: my-bucket');
  });

  it('encodes what is not ASCII, what is long and what looks encoded', () => {
    expect(toEncodedWords('Größe')).toBe('=?UTF-8?B?R3LDtsOfZQ==?=');
    expect(toEncodedWords('=?UTF-8?B?R3LDtsOfZQ==?=')).not.toContain('R3LDtsOfZQ==');
  });

  it('encodes plain text from 61 characters on, in words of 39 bytes', () => {
    const word = (text: string) => `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=`;
    expect(toEncodedWords('x'.repeat(60))).toBe('x'.repeat(60));
    expect(toEncodedWords('x'.repeat(78))).toBe(`${word('x'.repeat(39))}\r\n ${word('x'.repeat(39))}`);
    expect(toEncodedWords('x'.repeat(79))).toBe(`${word('x'.repeat(39))}\r\n ${word('x'.repeat(39))}\r\n ${word('x')}`);
  });

  it('turns controls in a row into one space, so that no reader of the decoded text starts a header', () => {
    expect(toEncodedWords('a\r\nBcc: b\u0000c')).toBe('a Bcc: b c');
  });

  it('breaks lines only at a fold, and keeps every line short, whatever the text', () => {
    fc.assert(
      fc.property(untrustedTexts(), (text) => {
        const [first = '', ...more] = `Subject: ${toEncodedWords(text)}`.split('\r\n');
        for (const line of [first, ...more]) expect(line).toMatch(/^[\x20-\x7e]{0,76}$/);
        for (const line of more) expect(line).toMatch(/^ =\?/);
      }),
      { seed: SEED, numRuns: 300 },
    );
  });
});

describe('toMimeMessage', () => {
  it.each([
    ['digest', () => renderDigest(richDigest(), LEDGER)],
    ['alert', () => renderAlert(richAlert(), LEDGER)],
  ])('makes a message of a rich %s that an independent reader reads back whole', async (_, render) => {
    const email = render();
    const message = toMimeMessage(email, ENVELOPE);
    const { subject, text, html, from, to, attachments } = await PostalMime.parse(message);
    expect([subject, lines(text), lines(html)]).toEqual([email.subject, email.text, email.html]);
    expect(from).toEqual({ name: 'upload-ledger', address: 'ledger@example.com' });
    expect(to).toEqual([{ name: '', address: 'team@example.com' }]);
    expect(attachments).toEqual([]);
  });

  it('makes two parts in base64 whose lines end in CR LF, as text in mail does', () => {
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

  it('writes these headers and no others, whatever the email says', async () => {
    const emails = fc.record({ subject: untrustedTexts(), text: untrustedTexts(), html: untrustedTexts() });
    await fc.assert(
      fc.asyncProperty(emails, async (email) => {
        const { headers, attachments, subject } = await PostalMime.parse(toMimeMessage(email, ENVELOPE));
        const expected = ['from', 'to', 'subject', 'auto-submitted', 'mime-version', 'content-type'];
        expect(headers.map(({ key }) => key)).toEqual(expected);
        expect(attachments).toEqual([]);
        expect(subject ?? '').not.toContain('\n');
      }),
      { seed: SEED, numRuns: 200 },
    );
  });

  it('keeps both parts, whatever they say', async () => {
    const parts = fc.record({ text: untrustedTexts(), html: untrustedTexts() });
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

  it('keeps the subject, whatever characters are where a word ends', async () => {
    for (const start of ['', 'x', 'xx', 'xxx']) {
      const subject = `${start}${'\u{1f680}ü日'.repeat(20)}`;
      const parsed = await PostalMime.parse(toMimeMessage({ subject, text: 'text', html: 'html' }, ENVELOPE));
      expect(parsed.subject).toBe(subject);
    }
  });

  it('writes 7-bit text in lines that every mail server takes', () => {
    const message = toMimeMessage(renderDigest(richDigest(), LEDGER), ENVELOPE);
    for (const line of message.split('\r\n')) expect(line).toMatch(/^[\x20-\x7e]{0,78}$/);
  });

  it('says that a machine has sent it', () => {
    expect(headersOf(toMimeMessage(renderAlert(richAlert(), LEDGER), ENVELOPE))).toContain(
      'Auto-Submitted: auto-generated',
    );
  });
});
