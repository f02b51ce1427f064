import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderAlert } from '../../../src/digest/email/alert-email.ts';
import { renderDigest } from '../../../src/digest/email/digest-email.ts';
import type { Email } from '../../../src/digest/email/email-content.ts';
import { hostileTexts, SEED } from '../hostile-texts.ts';
import { alert, digest, HOSTILE_KEY, mention, summary } from './email-samples.ts';
import { htmlElements, htmlLines, words } from './read-email.ts';

interface Names {
  readonly key: string;
  readonly uploader: string;
  readonly bucket: string;
}

/** Both emails with the names everywhere where an event's names can stand. */
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
    renderDigest(digest({ summary: summary(parts) })),
    renderDigest(digest({ summary: summary(several) })),
    renderAlert(alert({ rule, mentions: [named] })),
    renderAlert(alert({ rule, count: 2, mentions: [named, mention()] })),
  ];
}

const names = () => fc.record({ key: hostileTexts(), uploader: hostileTexts(), bucket: hostileTexts() });

const checkEmails = (property: (email: Email, plain: Email) => void) => {
  const plain = emailsWith({ key: 'key', uploader: 'uploader', bucket: 'bucket' });
  fc.assert(
    fc.property(names(), (hostile) => {
      emailsWith(hostile).forEach((email, at) => {
        property(email, plain[at] as Email);
      });
    }),
    { seed: SEED, numRuns: 50 },
  );
};

describe('a hostile key', () => {
  const emails = emailsWith({ key: HOSTILE_KEY, uploader: HOSTILE_KEY, bucket: 'bucket' });
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

describe('whatever names an event brings', () => {
  it('the HTML keeps its elements and attributes: a name is text and nothing else', () => {
    const shape = ({ html }: Email) =>
      htmlElements(html).map(({ name, attributes }) => [name, ...attributes].flat().join(' '));
    checkEmails((email, plain) => {
      expect(shape(email)).toEqual(shape(plain));
    });
  });

  it('the text keeps its lines', () => {
    checkEmails((email, plain) => {
      expect(email.text.split('\n').length).toBe(plain.text.split('\n').length);
    });
  });

  it('both parts say the same', () => {
    checkEmails(({ text, html }) => {
      expect(words(htmlLines(html).join('\n'))).toEqual(words(text));
    });
  });

  it('no part has a control, a change of direction or half a character, and the subject is one line', () => {
    checkEmails(({ subject, text, html }) => {
      expect(subject).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
      for (const part of [subject, text, html]) {
        expect(part.isWellFormed()).toBe(true);
        expect(part).not.toMatch(/(?!\n)\p{Cc}|\p{Bidi_Control}/u);
      }
    });
  });

  it('no line of a name is longer than a few lines of a phone', () => {
    checkEmails(({ text, subject }) => {
      for (const line of [subject, ...text.split('\n')]) expect(line.length).toBeLessThan(260);
    });
  });
});
