import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderAlert } from '../../../src/digest/email/alert-email.ts';
import { renderDigest } from '../../../src/digest/email/digest-email.ts';
import type { Email } from '../../../src/digest/email/email-content.ts';
import { LEDGER } from '../../builders/email-settings.ts';
import { SEED, untrustedTexts } from '../untrusted-texts.ts';
import { alert, digest, mention, summary, UNTRUSTED_KEY } from './email-samples.ts';
import { htmlElements, htmlLines, words } from './read-email.ts';

interface Names {
  readonly key: string;
  readonly uploader: string;
  readonly bucket: string;
}

/** Both emails with the names everywhere where an email shows names of events. */
function emailsWith({ key, uploader, bucket }: Names): Email[] {
  const named = mention({ key, uploader, bucket });
  const one = { count: 1, bytes: 1 };
  const parts = {
    uploads: one,
    byBucket: new Map([[bucket, one]]),
    byUploader: new Map([[uploader, one]]),
    largest: [named],
    latest: [named],
  };
  const rule = { name: 'all', recipients: [], timeZone: 'UTC', prefix: key, suffix: key, uploader };
  const several = { ...parts, byBucket: new Map([...parts.byBucket, [`${bucket} 2`, one]]) };
  return [
    renderDigest(digest({ summary: summary(parts) }), LEDGER),
    renderDigest(digest({ summary: summary(several) }), LEDGER),
    renderAlert(alert({ rule, mentions: [named] }), LEDGER),
    renderAlert(alert({ rule, count: 2, mentions: [named, mention()] }), LEDGER),
  ];
}

const names = () => fc.record({ key: untrustedTexts(), uploader: untrustedTexts(), bucket: untrustedTexts() });

const checkEmails = (property: (email: Email, plain: Email) => void) => {
  const plain = emailsWith({ key: 'key', uploader: 'uploader', bucket: 'bucket' });
  fc.assert(
    fc.property(names(), (untrusted) => {
      emailsWith(untrusted).forEach((email, at) => {
        property(email, plain[at] as Email);
      });
    }),
    { seed: SEED, numRuns: 50 },
  );
};

describe('an untrusted key in an email', () => {
  const emails = emailsWith({ key: UNTRUSTED_KEY, uploader: UNTRUSTED_KEY, bucket: 'bucket' });
  const shown =
    'in/<script>alert("1")</script>\\x0d\\x0aBcc: all@example.com\\u202egpj.exe \\u200f\'&amp;"\u{1f469}\u{1f3fd}\u200d\u{1f680}.png';

  it('is shown whole, as text, in both parts', () => {
    for (const { text, html } of emails) {
      expect(text).toContain(`\n${shown}\n`);
      expect(htmlLines(html)).toContain(shown);
    }
  });

  it('adds no element, no line of its own and no header', () => {
    for (const { subject, text, html } of emails) {
      expect(htmlElements(html).map(({ name }) => name)).not.toContain('script');
      expect(text).not.toMatch(/^Bcc:/m);
      expect(subject).not.toMatch(/[\r\n]/);
    }
  });
});

describe('an email with any names', () => {
  it('keeps the elements and attributes of its HTML', () => {
    const shape = ({ html }: Email) =>
      htmlElements(html).map(({ name, attributes }) => [name, ...attributes].flat().join(' '));
    checkEmails((email, plain) => {
      expect(shape(email)).toEqual(shape(plain));
    });
  });

  it('keeps the lines of its text', () => {
    checkEmails((email, plain) => {
      expect(email.text.split('\n').length).toBe(plain.text.split('\n').length);
    });
  });

  it('says the same in both parts', () => {
    checkEmails(({ text, html }) => {
      expect(words(htmlLines(html).join('\n'))).toEqual(words(text));
    });
  });

  it('has no controls, no changes of direction and no half characters, and its subject is one line', () => {
    checkEmails(({ subject, text, html }) => {
      expect(subject).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
      for (const part of [subject, text, html]) {
        expect(part.isWellFormed()).toBe(true);
        expect(part).not.toMatch(/(?!\n)\p{Cc}|\p{Bidi_Control}/u);
      }
    });
  });

  it('has no line longer than a few lines of a phone', () => {
    checkEmails(({ text, subject }) => {
      for (const line of [subject, ...text.split('\n')]) expect(line.length).toBeLessThan(260);
    });
  });
});
